import Board
import Kit
import Posix

/// The result of the walk for one language.
public struct LanguageResult: Codable, Sendable {
  /// BCP 47 tag of the language.
  public var language: String
  /// Its name in the language itself.
  public var autonym: String
  /// Id of the prompt that was stopped; `nil` if the board has no button for any prompt of the language.
  public var stopped: String?
  /// Seconds of sound that left the card per second.
  public var speed: Int
  /// What is wrong, one line each; empty if nothing is.
  public var faults: [String]
}

/// Walks through all languages of a kit on the shipped daemon, as a responder does: next language, until its name has
/// been played to the end; a message; stop. The frames that left the card decide.
///
/// The walk verifies samples, not times, so the card runs at a multiple of its speed. A machine that cannot keep up
/// interrupts the sound; languages that seem wrong are therefore repeated in real time, and only that result counts.
public struct LanguageWalk {
  /// Seconds of sound that leave the card per second. The player decodes at most four times as fast as real time.
  private static let speed = 3
  private static let next = Button.control(.nextLanguage)
  private static let stop = Button.control(.stop)
  private static let name = "language-name"
  /// Milliseconds of sound before the stop.
  private static let phrase = 240
  /// Length of a press in milliseconds: short, because a clip ends early at a multiple of its speed.
  private static let pressLength = 12

  private let kit: KitFile
  /// The listeners' languages, in the order of the walk.
  private let bundles: [BundleManifest]
  private let setup: Bench.Setup

  /// Creates a walk.
  ///
  /// - Parameters:
  ///   - kit: the kit.
  ///   - setup: the bench; its speed is ignored.
  public init(_ kit: KitFile, _ setup: Bench.Setup) {
    let forResponder = Set(kit.manifest.prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    self.kit = kit
    bundles = kit.bundles.filter { $0.clips.contains { !forResponder.contains($0.prompt) } }
    self.setup = setup
  }

  /// Returns the buttons that the walk needs and for which the board has no line.
  public static func missing(on board: Board) -> [Button] {
    [next, stop].filter { button in !board.lines.buttons.contains { $0.button == button } }
  }

  /// The clip to stop in each language, in the kit's order: the longest message that has a button.
  private var messages: [Clip?] {
    let mode = kit.manifest.answers.modes.first ?? .base
    func form(_ prompt: String) -> Form { kit.manifest.prompt(prompt)?.namesSigns == true ? mode.form() : .base }
    let buttons = Set(setup.board.lines.buttons.map(\.button.description))
    return bundles.map { bundle in
      bundle.clips.filter {
        $0.prompt != Self.name && buttons.contains($0.prompt) && ($0.form ?? .base) == form($0.prompt)
      }.max { $0.frames < $1.frames }
    }
  }

  /// Walks through the languages.
  ///
  /// - Parameters:
  ///   - started: called with each bench, which a program that is interrupted must abandon.
  ///   - progress: called after each language with the number done and the total.
  /// - Returns: one result for each language, in the kit's order.
  public func run(
    started: (Bench) throws -> Void = { _ in }, progress: (_ done: Int, _ all: Int) -> Void
  ) throws -> [LanguageResult] {
    let messages = messages
    let library = ClipLibrary(kit, gainDecibels: setup.board.sound.standardGain) { bundle, clip in
      clip.prompt == Self.name || bundle.tag == kit.manifest.operatorLanguage
        || messages.contains { $0?.file == clip.file }
    }
    var results = try walk(Set(bundles.indices), at: Self.speed, library, started, progress)
    let doubtful = Set(results.indices.filter { !results[$0].faults.isEmpty })
    if !doubtful.isEmpty {
      let again = try walk(doubtful, at: 1, library, started, progress)
      for index in doubtful { results[index] = again[index] }
    }
    return results
  }

  private struct Visit {
    var language: Int
    /// Numbers of presses.
    var name: Int
    var message: Int?
  }

  private func walk(
    _ wanted: Set<Int>, at speed: Int, _ library: ClipLibrary, _ started: (Bench) throws -> Void,
    _ progress: (_ done: Int, _ all: Int) -> Void
  ) throws -> [LanguageResult] {
    var setup = setup
    setup.speed = speed
    let bench = try Bench(setup)
    try started(bench)
    var visits: [Visit] = []
    let messages = messages
    for index in bundles.indices {
      try bench.press(Self.next, milliseconds: Self.pressLength)
      guard wanted.contains(index) else {
        // The contact must rest for the lock-out before the next press counts.
        try bench.rest(until: .now.adding(milliseconds: 2 * (bench.board.lines.lockout + Self.pressLength)))
        continue
      }
      var visit = Visit(language: index, name: bench.presses.count - 1)
      _ = try bench.waitForEnd()
      if let message = messages[index] {
        try bench.press(.prompt(message.prompt), milliseconds: Self.pressLength)
        visit.message = bench.presses.count - 1
        try bench.rest(until: .now.adding(milliseconds: Self.phrase / speed))
        try bench.press(Self.stop, milliseconds: Self.pressLength)
      }
      visits.append(visit)
      progress(visits.count, wanted.count)
    }
    // Record some silence after the last stop.
    try bench.rest(until: .now.adding(milliseconds: 300))
    let presses = bench.presses
    guard let origin = presses.first?.time else { return [] }
    let recording = try bench.finish().slowed(by: speed, from: origin)
    let verdicts = SoundVerifier(library, stopLimit: SoundVerifier.stopLimit * Double(speed)).verify(
      presses.map { $0.slowed(by: speed, from: origin) }, recording)
    var results = bundles.map {
      LanguageResult(language: $0.tag, autonym: $0.autonym, speed: speed, faults: [])
    }
    for visit in visits {
      results[visit.language].stopped = messages[visit.language]?.prompt
      results[visit.language].faults = faults(visit, verdicts, messages[visit.language], at: speed)
    }
    return results
  }

  private func faults(_ visit: Visit, _ verdicts: [SoundVerifier.Verdict], _ message: Clip?, at speed: Int) -> [String]
  {
    let bundle = bundles[visit.language]
    // At a multiple of its speed the card always underruns in the silence after a clip, before the player stops it. An
    // underrun within a clip interrupts the sound, which is a fault of its own.
    func ownFaults(_ verdict: SoundVerifier.Verdict) -> [String] {
      verdict.faults.filter { speed == 1 || $0 != SoundVerifier.underrun }
    }
    var faults = ownFaults(verdicts[visit.name]).map { "its name: \($0)" }
    // The operator's voice may follow. Where a language has no clip of its name, the operator's voice or a signal
    // plays.
    let named = verdicts[visit.name].sounds.map(\.heard)
    let isNamed = named.contains { heard in
      if case .clip(bundle.tag, Self.name, _, completed: true) = heard { true } else { false }
    }
    if !isNamed, bundle.clip(Self.name) != nil || named.isEmpty {
      faults.append("expected its name, to the end; heard \(ScenarioRun.name(verdicts[visit.name].heard))")
    }
    guard let message, let number = visit.message else { return faults }
    faults += ownFaults(verdicts[number]).map { "\(message.prompt): \($0)" }
    if case .clip(bundle.tag, message.prompt, _, completed: false) = verdicts[number].heard {
    } else {
      faults.append("expected \(message.prompt), stopped; heard \(ScenarioRun.name(verdicts[number].heard))")
    }
    return faults + ownFaults(verdicts[number + 1]).map { "stop: \($0)" }
  }
}

extension Bench.Press {
  fileprivate func slowed(by speed: Int, from origin: Monotonic) -> Bench.Press {
    var press = Bench.Press(button: button, time: time.slowed(by: speed, from: origin))
    press.waited = waited * Double(speed)
    return press
  }
}
