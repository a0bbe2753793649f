import Board
import Kit
import Posix

/// What became of one language when the buttons led to it.
public struct LanguageResult: Codable, Sendable {
  public var language: String
  /// Its own name for itself.
  public var autonym: String
  /// The prompt that was stopped in mid-phrase; absent where the board has no button for one that it has.
  public var stopped: String?
  /// Seconds of sound that left the card in one.
  public var speed: Int
  /// A line each; empty where all was right.
  public var faults: [String]
}

/// Walks through all languages of a kit on the real daemon, as a responder does: next language, until its own name has
/// been said to the end; a message; stop. Judged by the frames that left the card.
///
/// Only what sounds is judged, not when: so the card runs at a multiple of its speed. A machine that does not keep up
/// breaks the sound, and what then seems wrong is walked again at the speed of sound; only that counts.
public struct LanguageWalk {
  /// Seconds of sound that leave the card in one. The player decodes four times as fast as is heard, and no faster.
  private static let speed = 3
  private static let next = Button.control(.nextLanguage)
  private static let stop = Button.control(.stop)
  private static let name = "language-name"
  /// Milliseconds of sound before the stop.
  private static let phrase = 240
  /// Milliseconds of a press: a short one, for at a multiple of its speed a clip is soon over.
  private static let finger = 12

  private let kit: KitFile
  /// In which listeners are spoken to, in the order of the walk.
  private let bundles: [BundleManifest]
  private let setup: Bench.Setup

  /// - Parameter setup: its speed is not looked at.
  public init(_ kit: KitFile, _ setup: Bench.Setup) {
    let forResponder = Set(kit.manifest.prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    self.kit = kit
    bundles = kit.bundles.filter { $0.clips.contains { !forResponder.contains($0.prompt) } }
    self.setup = setup
  }

  /// Buttons that the walk needs and that the board has no line for.
  public static func missing(on board: Board) -> [Button] {
    [next, stop].filter { button in !board.lines.buttons.contains { $0.button == button } }
  }

  /// What is pressed in each language, by its place in the kit: the longest message that has a button.
  private var messages: [Clip?] {
    let buttons = Set(setup.board.lines.buttons.map(\.button.description))
    return bundles.map { bundle in
      bundle.clips.filter { $0.prompt != Self.name && buttons.contains($0.prompt) }.max { $0.frames < $1.frames }
    }
  }

  /// - Parameters:
  ///   - started: gets each bench as it is set up: what a program that is interrupted must end.
  ///   - progress: gets the number of languages done and of all.
  public func run(
    started: (Bench) throws -> Void = { _ in }, progress: (_ done: Int, _ all: Int) -> Void
  ) throws -> [LanguageResult] {
    let messages = messages
    let library = ClipLibrary(kit, gainDecibels: setup.board.sound.standardGain) { bundle, clip in
      clip.prompt == Self.name || bundle.tag == kit.manifest.operatorLanguage
        || messages.contains { $0?.file == clip.file }
    }
    var proofs = try walk(Set(bundles.indices), at: Self.speed, library, started, progress)
    let doubtful = Set(proofs.indices.filter { !proofs[$0].faults.isEmpty })
    if !doubtful.isEmpty {
      let again = try walk(doubtful, at: 1, library, started, progress)
      for index in doubtful { proofs[index] = again[index] }
    }
    return proofs
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
      try bench.press(Self.next, milliseconds: Self.finger)
      guard wanted.contains(index) else {
        // Nobody presses a button again before its contact has come to rest: that would be taken for its chatter.
        try bench.rest(until: .now.adding(milliseconds: 2 * (bench.board.lines.lockout + Self.finger)))
        continue
      }
      var visit = Visit(language: index, name: bench.presses.count - 1)
      _ = try bench.waitForEnd()
      if let message = messages[index] {
        try bench.press(.prompt(message.prompt), milliseconds: Self.finger)
        visit.message = bench.presses.count - 1
        try bench.rest(until: .now.adding(milliseconds: Self.phrase / speed))
        try bench.press(Self.stop, milliseconds: Self.finger)
      }
      visits.append(visit)
      progress(visits.count, wanted.count)
    }
    // What a stop silenced stays silent.
    try bench.rest(until: .now.adding(milliseconds: 300))
    let presses = bench.presses
    guard let origin = presses.first?.time else { return [] }
    let recording = try bench.finish().slowed(by: speed, from: origin)
    let verdicts = SoundVerifier(library, stopLimit: SoundVerifier.stopLimit * Double(speed)).judge(
      presses.map { $0.slowed(by: speed, from: origin) }, recording)
    var proofs = bundles.map {
      LanguageResult(language: $0.tag, autonym: $0.autonym, speed: speed, faults: [])
    }
    for visit in visits {
      proofs[visit.language].stopped = messages[visit.language]?.prompt
      proofs[visit.language].faults = faults(visit, verdicts, messages[visit.language], at: speed)
    }
    return proofs
  }

  private func faults(_ visit: Visit, _ verdicts: [SoundVerifier.Verdict], _ message: Clip?, at speed: Int) -> [String]
  {
    let bundle = bundles[visit.language]
    // A card at a multiple of its speed is always dry before the player has come back to halt it, in the silence
    // behind a clip. Within a clip it breaks the sound, which shows.
    func ownFaults(_ verdict: SoundVerifier.Verdict) -> [String] {
      verdict.faults.filter { speed == 1 || $0 != SoundVerifier.underrun }
    }
    var faults = ownFaults(verdicts[visit.name]).map { "its name: \($0)" }
    // The operator's voice may say it too, behind it; and where a language has no name, it or a signal says so.
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
