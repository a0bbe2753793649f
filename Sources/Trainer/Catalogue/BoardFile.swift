import Board
import Diagnostics
import Kit

/// Reads a board from YAML, the form that people write: `Hardware/boards/headless.yaml`.
///
/// Values are checked against `Board.Limits`, which the reader of compiled boards uses too. Rules for what people write
/// come in addition: every button has a meaning in the catalogue, no meaning is given twice, one button stops.
public enum BoardFile {
  /// Reads and validates a board.
  ///
  /// - Parameters:
  ///   - path: the YAML file.
  ///   - catalogue: the prompts, sequences and modules that buttons may name.
  /// - Throws: `DiagnosticsError` with every error of the file.
  public static func read(_ path: String, catalogue: Catalogue) throws(DiagnosticsError) -> Board {
    let log = DiagnosticLog()
    let board = YAMLFile.read(path, log: log).flatMap { Board($0, prompts: catalogue.buttonNames) }
    try log.throwErrors()
    guard let board else { throw DiagnosticsError([.unusable(path)]) }
    return board
  }

  /// Reads a board, and returns with it what it lacks although it is valid.
  ///
  /// - Parameters:
  ///   - path: the YAML file.
  ///   - catalogue: the prompts, sequences and modules that buttons may name.
  ///   - modes: the answer modes of the kit that the board is to play; none without a kit.
  /// - Returns: the board, and a warning for each weakness (``Board/weaknesses``).
  /// - Throws: `DiagnosticsError` with every error of the file.
  public static func check(
    _ path: String, catalogue: Catalogue, modes: [AnswerMode] = []
  ) throws(DiagnosticsError) -> (board: Board, warnings: [Diagnostic]) {
    let board = try read(path, catalogue: catalogue)
    let root = YAMLFile.read(path, log: DiagnosticLog())
    let warnings = (board.weaknesses + board.weaknesses(withAnswers: modes)).map { weakness in
      Diagnostic(
        .warning, path: path, line: root.flatMap { weakness.line(in: $0) }, message: weakness.message,
        remedy: weakness.remedy)
    }
    return (board, warnings)
  }
}

extension Board {
  /// Reads the whole file; nil where a part of it was refused.
  fileprivate init?(_ root: Field, prompts: [String]) {
    guard
      let map = root.mapping(
        ["name", "use", "sound"], optional: ["header", "presses", "lines", "inputs", "leds", "journal"])
    else { return nil }
    // The compiled board has no header: only pages and wiring use it.
    if let header = map["header"], BoardHeader(header) == nil { return nil }
    let name = map["name"]?.identifier()
    let use = map["use"]?.word(Use.self)
    let sound = map["sound"].flatMap(Sound.init)
    let presses = map["presses"].or(Presses()) { Presses($0) }
    let lines = map["lines"].or(Lines()) { Lines($0, prompts: prompts) }
    let inputs = map["inputs"].or([]) { $0.items(count: 1...Limits.inputs) { Input($0, prompts: prompts) } }
    let leds = map["leds"].or([]) { $0.items(count: 1...Limits.leds) { LED($0, buttons: lines?.buttons ?? []) } }
    let journal = map["journal"].or(Journal()) { Journal($0) }
    guard let name, let use, let sound, let presses, let lines, let inputs, let leds, let journal else { return nil }
    self.init(
      name: name, use: use, sound: sound, presses: presses, lines: lines, inputs: inputs, leds: leds, journal: journal)
    if let amplifier = sound.amplifier, isTaken(amplifier.output) {
      (map["sound"] ?? root).refuse(
        "line \(amplifier.output.line) of \(amplifier.output.chip), which switches the amplifier, is a button or an LED",
        "give the amplifier a line of its own")
    }
    refuseSharedPlaces(in: map["inputs"] ?? map["lines"] ?? root)
    if !hasLockoutBelowHold {
      (map["lines"] ?? root).refuse(
        "a lock-out of \(lines.lockout) ms would last as long as a long press of \(presses.hold) ms",
        "write a 'lockout' below 'hold'")
    }
    let buttons = lines.buttons.map(\.button) + inputs.flatMap { $0.keys.map(\.button) }
    if !buttons.contains(.control(.stop)) {
      (map["lines"] ?? map["inputs"] ?? root).refuse(
        "no button stops", "give one line or key the button 'stop': a wrong message must end at once")
    }
  }
}

extension Board.Journal {
  private enum Policy: String, CaseIterable { case off }

  /// Reads `off`, or the retention.
  fileprivate init?(_ field: Field) {
    typealias Limits = Board.Limits
    if field.isScalar {
      guard field.word(Policy.self) != nil else { return nil }
      self.init(isKept: false)
      return
    }
    guard let map = field.mapping([], optional: ["size", "days", "stick"]) else { return nil }
    guard let size = map["size"].or(Self().size, { $0.integer(in: Limits.journalSize) }) else { return nil }
    guard let days = map["days"].or(Int?.none, { $0.integer(in: Limits.journalDays).map(Int?.some) }) else {
      return nil
    }
    let stick = map["stick"].or(StickCopy?.none) { $0.word(StickCopy.self).map(StickCopy?.some) }
    guard let stick else { return nil }
    self.init(size: size, days: days, stick: stick)
  }
}

extension Field {
  /// Returns the button with a name.
  ///
  /// - Parameters:
  ///   - prompts: the ids of prompts and sequences, and the names of modules, that may be named.
  ///   - isWithStop: whether it is what a press means while stop is held down; some controls are only given so.
  package func button(prompts: [String], isWithStop: Bool = false) -> Button? {
    guard let name = text(length: 1...40) else { return nil }
    if Button(name).isChord, !isWithStop {
      return refuse("'\(name.shown)' is only given together with stop", "write 'with-stop: \(name.shown)'")
    }
    let known = Button.names + prompts
    return known.contains(name)
      ? Button(name)
      : refuse(
        "no button or prompt is called '\(name.shown)'\(Spelling.hint(name, known))",
        "write \(Button.Control.allCases.map(\.rawValue).joined(separator: ", ")), a key of the number pad (\"0\" to "
          + "\"9\", \"*\"), a module, or the id of a prompt or a sequence")
  }
}
