import Catalogue
import Diagnostics
import Kit

/// A trainer's project: its `kit.yaml`, checked against the catalogue.
public struct Project: Equatable, Sendable {
  /// Letters, digits and hyphens.
  public var name: String
  /// Numbers joined by points: `1.0`.
  public var version: String
  /// BCP 47, in the order in which the responder walks through them.
  public var languages: [String]
  /// Ids, by number.
  public var prompts: [String]
  /// BCP 47 tag of the language in which the device speaks to the responder; nil for tones.
  public var operatorLanguage: String?
  public var finder = Finder()
  public var level: Level
  public var opus: Opus
  /// Lines of the check that this project draws elsewhere than the rest.
  public var check: [CheckLimit: Double] = [:]
  /// Tags of the languages beside English in which responders read titles and cautions.
  public var operators: [String] = []
  /// Whom the responder calls.
  public var contacts: [KitContact] = []

  /// The order in which languages introduce themselves to somebody whose language is not known.
  public struct Finder: Equatable, Sendable {
    /// ISO 3166: where those come from whom the device will meet, the likeliest first.
    public var regions: [String] = []
    /// Seconds in which a hand may be raised.
    public var pause = 5.0
  }

  /// Loudness that clips are brought to.
  public struct Level: Equatable, Sendable {
    /// LUFS.
    public var target = -16.0
    /// The highest true peak, dBTP.
    public var peak = -1.5
  }

  public struct Opus: Equatable, Sendable {
    /// Bits per second.
    public var bitrate = 24_000
    /// 0...10: more work for the encoder, better sound.
    public var complexity = 10
    /// Milliseconds of a frame: 10, 20, 40 or 60.
    public var frame = 20
  }
}

/// `kit.yaml`.
public enum ProjectFile {
  /// Name of the file in a project's directory.
  public static let name = "kit.yaml"

  /// Where git is told that the lines of two people's ledgers are kept both.
  public static let attributes = ".gitattributes"
  public static let attributesText = [Approvals.name, ImportLedger.name, ReviewNotes.name].map { "\($0) merge=union\n" }
    .joined()

  /// Reads and checks `path`; load `catalogue` with the project's directory, so that its own prompts and languages
  /// are known.
  public static func read(_ path: String, catalogue: Catalogue) throws(DiagnosticsError) -> Project {
    let log = DiagnosticLog()
    let project = YAMLFile.read(path, log: log).flatMap { Project($0, catalogue: catalogue) }
    try log.throwErrors()
    guard let project else { throw DiagnosticsError([.unusable(path)]) }
    return project
  }

  /// A new `kit.yaml`, with comments that explain it. `languages` are tags, `prompts` ids; without prompts the kit
  /// holds all of them, and without an operator's language the device has tones.
  public static func text(
    name: String, languages: [String], prompts: [String] = [], operatorLanguage: String? = nil
  ) -> String {
    let list =
      prompts.isEmpty
      ? "# prompts: [language-name, raise-hand, safe-here]"
      : "prompts:\n" + prompts.map { "  - \($0)" }.joined(separator: "\n")
    return """
      # A kit: which messages, in which languages. `firstword check` looks at it and at the recordings,
      # `firstword build` makes one signed file of them.

      # Letters, digits and hyphens. With the version it names the kit in the journal of every device.
      name: \(name)

      # Raise it with every kit that leaves your hands. In quotes, because 1.10 is not the number 1.1.
      version: "1.0"

      # In the order in which the responder walks through them: the likeliest first.
      # In quotes, because YAML takes some tags for other things. `firstword languages` lists them all.
      languages:
      \(languages.map { "  - \"\($0)\"" }.joined(separator: "\n"))

      # The language in which the device speaks to the responder: names of languages, modes, errors. Without it there are
      # tones. Its lines may be speech synthesis, also in a released kit. One of en, fr, es, de, ar, ru, cmn-Hans.
      \(operatorLanguage.map { "operator-voice: \"\($0)\"" } ?? "# operator-voice: \"en\"")

      # The language finder: where the people come from whom the device will meet, the likeliest first (ISO 3166), and
      # the seconds after each language in which a hand may be raised. Without regions it follows the languages above.
      # finder: { regions: [SY, AF, UA], pause: 5 }

      # The messages, by id. Without this list the kit holds every message that is meant for listeners.
      \(list)

      # Loudness in LUFS, and the highest true peak in dBTP. Lower the target for use in quiet rooms.
      level:
        target: -16
        peak: -1.5

      # Bits per second, how hard the encoder works (0 to 10), and milliseconds of a frame (10, 20, 40 or 60).
      opus:
        bitrate: 24000
        complexity: 10
        frame: 20

      # Where `firstword check` draws the line, if not where it does by itself; each may be left out.
      # check:
      #   quiet: -42              # LUFS: a softer recording is too quiet
      #   signal-to-noise: 20     # dB between the voice and the room
      #   noise: -50              # dBFS: the room itself
      #   clipped: 2              # cut-off peaks a second; from `distorted: 50` on it is an error
      #   true-peak: 1            # dBTP
      #   offset: 2               # per cent of full scale
      #   before: 3               # seconds of silence before the voice; `pause: 2` within it; `after: 3`
      #   dropout: 1              # milliseconds of nothing within the voice
      #   slow: 2                 # times the length that its text takes; `fast: 0.4`
      #   alike: 80               # per cent: from it on two recordings are one
      #   spread: 9               # LU from the language's middle
      #   shortfall: 1            # LU that a clip may stay under the target

      # Languages in which your responders read titles and cautions, beside English: ar, cmn-Hans, de, es, fr, ru.
      # operators: ["fr"]

      # Whom the responder calls; it stands on the cards (`firstword card`). Everybody who holds the kit can read it.
      # kind: interpreter, hotline, medical, police, shelter, child, legal or other.
      # contacts:
      #   - kind: interpreter
      #     name: "Interpreters on call"
      #     phone: "+00 000 000 000"
      #     note: "Day and night. Say which language, and that a woman may be needed."

      # Messages of your own: Prompts/60-name.yaml to Prompts/99-name.yaml, in the form of the catalogue's.
      # Words of your own: Languages/TAG.yaml with tag, drafted and wordings; they replace the catalogue's.

      """
  }
}

extension Project {
  fileprivate init?(_ root: Field, catalogue: Catalogue) {
    let optional = ["operator-voice", "operators", "contacts", "finder", "prompts", "level", "opus", "check"]
    guard let map = root.mapping(["name", "version", "languages"], optional: optional) else { return nil }
    let name = map["name"]?.kitName()
    let version = map["version"]?.kitVersion()
    let tags = catalogue.languages.map(\.tag)
    let languages = map["languages"]?.unique { field in
      guard let tag = field.languageTag() else { return nil }
      if tags.contains(tag) { return tag }
      return field.refuse(
        "the catalogue has no language '\(tag)'\(Spelling.hint(tag, tags))",
        "correct it, or add Languages/\(tag).yaml to the project")
    }
    let speaking = catalogue.languages.filter(\.isForResponder).map(\.tag)
    let operatorLanguage = map["operator-voice"]?.languageTag()
    if let field = map["operator-voice"], let tag = operatorLanguage, !speaking.contains(tag) {
      field.refuse(
        "'\(tag)' is no operator's language\(Spelling.hint(tag, speaking))",
        "write one of \(speaking.joined(separator: ", "))")
    }
    let finder = map["finder"].or(Finder(), Finder.init(reading:))
    let ids = catalogue.prompts.map(\.id)
    let listeners = catalogue.prompts.filter { $0.module != .operator }.map(\.id)
    let prompts = map["prompts"].or(listeners) { list in
      list.unique { field in
        guard let id = field.identifier() else { return nil }
        if ids.contains(id) { return id }
        return field.refuse(
          "no prompt has the id '\(id)'\(Spelling.hint(id, ids))", "correct it, or add its file to the project")
      }
    }
    let level = map["level"].or(Level(), Level.init(reading:))
    let opus = map["opus"].or(Opus(), Opus.init(reading:))
    let check = map["check"].or([:]) { $0.limits() }
    let responders = catalogue.languages.filter { $0.roles.contains(.operator) && !$0.roles.contains(.source) }
      .map(\.tag)
    let operators = map["operators"].or([]) { list in
      list.unique { field in
        guard let tag = field.languageTag() else { return nil }
        if responders.contains(tag) { return tag }
        return field.refuse(
          "'\(tag)' is no further operator's language\(Spelling.hint(tag, responders))",
          "write one of \(responders.joined(separator: ", "))")
      }
    }
    let contacts = map["contacts"].or([]) { $0.items(KitContact.init) }
    guard let name, let version, let languages, let finder, let prompts, let level, let opus, let check,
      let operators, let contacts
    else { return nil }
    self.init(
      name: name, version: version, languages: languages, prompts: ids.filter(prompts.contains),
      operatorLanguage: operatorLanguage, finder: finder, level: level, opus: opus, check: check, operators: operators,
      contacts: contacts)
  }
}

extension Project.Finder {
  fileprivate init?(reading field: Field) {
    guard let map = field.mapping([], optional: ["regions", "pause"]) else { return nil }
    let regions = map["regions"].or([]) { list in
      list.unique { $0.checked("an ISO 3166 code such as SY", LanguageTag.isRegion) }
    }
    let pause = map["pause"].or(5) { $0.number(in: 1...60) }
    guard let regions, let pause else { return nil }
    self.init(regions: regions, pause: pause)
  }
}

extension Project.Level {
  fileprivate init?(reading field: Field) {
    guard let map = field.mapping([], optional: ["target", "peak"]) else { return nil }
    let target = map["target"].or(-16) { $0.number(in: -30 ... -10) }
    let peak = map["peak"].or(-1.5) { $0.number(in: -9 ... -0.1) }
    guard let target, let peak else { return nil }
    self.init(target: target, peak: peak)
  }
}

extension Project.Opus {
  fileprivate init?(reading field: Field) {
    guard let map = field.mapping([], optional: ["bitrate", "complexity", "frame"]) else { return nil }
    let bitrate = map["bitrate"].or(24_000) { $0.integer(in: 8_000...128_000) }
    let complexity = map["complexity"].or(10) { $0.integer(in: 0...10) }
    let frame = map["frame"].or(20) { field in
      guard let frame = field.integer(in: 10...60) else { return nil }
      if [10, 20, 40, 60].contains(frame) { return frame }
      return field.refuse("\(field.quoted) is \(frame)", "write 10, 20, 40 or 60")
    }
    guard let bitrate, let complexity, let frame else { return nil }
    self.init(bitrate: bitrate, complexity: complexity, frame: frame)
  }
}

extension KitContact {
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["kind", "name"], optional: ["phone", "note"]) else { return nil }
    let kind = map["kind"]?.word(Kind.self)
    let name = map["name"]?.text(length: 1...80)
    let phone = map["phone"].or("") { $0.phone() }
    let note = map["note"].or("") { $0.text(length: 1...300) }
    guard let kind, let name, let phone, let note else { return nil }
    if phone.isEmpty && note.isEmpty {
      field.refuse("nobody can be reached without a number", "add 'phone', or say in 'note' where they are found")
      return nil
    }
    self.init(kind: kind, name: name, phone: phone, note: note)
  }
}

extension Field {
  /// A telephone number as people write it: digits, spaces, `+ ( ) - . / # *` and an extension.
  fileprivate func phone() -> String? {
    guard let text = text(length: 2...40, inQuotes: true) else { return nil }
    let marks = Set("0123456789 +()-./#*,;x")
    return text.allSatisfy(marks.contains) && text.contains(where: \.isNumber)
      ? text
      : refuse("\(quoted) is '\(text)'", "write digits, spaces and + ( ) - . / # *, such as \"+40 21 000 00 00\"")
  }

  /// Some of the check's limits, by their names.
  fileprivate func limits() -> [CheckLimit: Double]? {
    guard let map = mapping([], optional: CheckLimit.allCases.map(\.rawValue)) else { return nil }
    var limits: [CheckLimit: Double] = [:]
    for limit in CheckLimit.allCases {
      if let field = map[limit.rawValue] { limits[limit] = field.number(in: limit.range) }
    }
    return limits
  }

  /// A list in which nothing stands twice.
  fileprivate func unique(_ read: (Field) -> String?) -> [String]? {
    guard let fields = list() else { return nil }
    var texts: [String] = []
    for field in fields {
      guard let text = read(field) else { continue }
      if texts.contains(text) {
        field.refuse("'\(text)' is given twice", "keep one of them")
      } else {
        texts.append(text)
      }
    }
    return texts
  }

  fileprivate func kitName() -> String? {
    guard let text = text(length: 1...60) else { return nil }
    let letters = text.utf8.map { ($0 | 0x20, $0) }
    let fits = letters.allSatisfy { lower, byte in
      (0x61...0x7A).contains(lower) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
    return fits && !text.hasPrefix("-")
      ? text : refuse("the name '\(text)' does not fit", "use letters a to z, digits and hyphens")
  }

  fileprivate func kitVersion() -> String? {
    guard let text = text(length: 1...20) else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let fits = parts.allSatisfy { part in Int(part).map { String($0) == part && $0 >= 0 } ?? false }
    return fits ? text : refuse("the version '\(text)' does not fit", "write numbers joined by points, such as \"1.0\"")
  }
}
