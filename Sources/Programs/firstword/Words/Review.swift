import ArgumentParser
import Catalogue
import KitBuilder

struct Review: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hear and read a language's messages one by one, translate back, and accept or send back.",
    discussion: """
        firstword review km --by "Sok D." --sign sok.key

      For one who speaks the language. Each message is played and shown in its own letters; you write what it says, \
      in English, and only then see what was meant. Then you accept it, or send it back with a note that the trainer \
      sees in 'firstword words' and 'check'. Your acceptance is one of the two that an approval takes.

      Every answer is kept at once: quit at any time and go on later with the same command.
      """)

  @Argument(help: ArgumentHelp("A language, or one prompt of it by id or number.", valueName: "LANG[/PROMPT]"))
  var choice: String

  @OptionGroup var reviewer: ReviewerOption

  @Option(help: ArgumentHelp("ALSA PCM to play to.", valueName: "NAME"))
  var pcm = "default"

  @OptionGroup var kept: CacheOption
  @OptionGroup var project: ProjectOption

  func run() throws {
    guard Terminal.canAsk else {
      throw Failure.impossible("a review asks on a terminal, and there is none; 'firstword approve' needs none")
    }
    var build = try project.load()
    build.cache = kept.cache
    let items = try build.items(choice)
    var session = ReviewSession(
      reviewer: try Reviewer(reviewer, project, build),
      player: try PreviewPlayer(
        pcm: pcm, consequence: "recordings are left out, for nobody can approve what was not heard"),
      of: items.count)
    for (index, item) in items.enumerated() where !session.hasQuit { try session.judge(item, index + 1) }
    session.sum()
  }
}

/// One sitting of a reviewer.
struct ReviewSession {
  private var reviewer: Reviewer
  private let player: PreviewPlayer
  private let count: Int
  private var accepted = 0
  private var returned = 0
  private var skipped = 0
  private(set) var hasQuit = false

  init(reviewer: Reviewer, player: PreviewPlayer, of count: Int) {
    self.reviewer = reviewer
    self.player = player
    self.count = count
  }

  /// A recording that a person spoke, ready to be heard.
  private typealias Heard = (subject: Reviewer.Subject, clip: [UInt8])

  mutating func judge(_ item: ReviewItem, _ index: Int) throws {
    let wording = Reviewer.Subject(item: item, kind: .wording, hash: item.hash)
    let heard = recordings(of: item)
    let due = heard.filter { !isJudged($0.subject) }
    let isWordingDue = !isJudged(wording)
    // What is said of a text that was sent back matters no more: another one will be recorded.
    if !isWordingDue && (due.isEmpty || !reviewer.hasApproved(wording)) { return }
    print("\n\(Terminal.paint("\(index) of \(count)", .faint))  \(padded(item.prompt.number, 2))")
    print("\n\(Terminal.paint(item.wording.text, .bold))\n")
    if isWordingDue {
      guard try judge(wording, clip: heard.first?.clip) else { return }
    } else {
      explain(item)
    }
    for recording in due where !hasQuit { try judge(recording) }
  }

  /// One prompt that is asked for by name is judged again where it was sent back.
  private func isJudged(_ subject: Reviewer.Subject) -> Bool {
    count == 1 ? reviewer.hasApproved(subject) : reviewer.hasJudged(subject)
  }

  /// What people have recorded and can be heard here.
  private func recordings(of item: ReviewItem) -> [Heard] {
    guard player.works else { return [] }
    return item.takes.compactMap { take in
      do throws(CheckFinding) {
        let audible = try reviewer.build.audible(take, of: item)
        if audible.synthetic { return nil }
        let subject = Reviewer.Subject(
          item: item, kind: .recording, hash: audible.sha256, take: take, duration: audible.duration)
        return (subject, audible.clip)
      } catch {
        Terminal.complain("\(error)")
        return nil
      }
    }
  }

  /// The text: first what the reviewer understands, then what was meant. False where its recordings need not be heard.
  private mutating func judge(_ wording: Reviewer.Subject, clip: [UInt8]?) throws -> Bool {
    if let clip { try player.play(clip) }
    let hint = clip == nil ? "s skip, q quit" : "Enter hears it again, s skip, q quit"
    var back = ""
    while back.isEmpty {
      switch try player.line("In English, what does it say? (\(hint))\n> ") {
      case nil, "q": return quit()
      case "s": return skip()
      case "": if let clip { try player.play(clip) }
      case let line?: back = line
      }
    }
    print("   yours    \(back)")
    explain(wording.item)
    switch try verdict(clip) {
    case .accepted:
      try reviewer.approve([wording], role: .backTranslator)
      try reviewer.note(wording, .accepted, back: back)
      accepted += 1
      return true
    case .returned(let note):
      try sendBack(wording, back: back, note: note)
      return false
    case .skipped: return skip()
    case .quit: return quit()
    }
  }

  private mutating func judge(_ recording: Heard) throws {
    print("   recording \(recording.subject.take?.voice ?? ""): does it say exactly this text, clearly and calmly?")
    try player.play(recording.clip)
    switch try verdict(recording.clip) {
    case .accepted:
      try reviewer.approve([recording.subject], role: .listener)
      try reviewer.note(recording.subject, .accepted)
      accepted += 1
    case .returned(let note): try sendBack(recording.subject, note: note)
    case .skipped: _ = skip()
    case .quit: _ = quit()
    }
  }

  private mutating func sendBack(_ subject: Reviewer.Subject, back: String? = nil, note: String) throws {
    if reviewer.canRevoke(subject) {
      try reviewer.approve([subject], role: .listener, revoking: true)
    }
    try reviewer.note(subject, .returned, back: back, note: note)
    returned += 1
  }

  private enum Verdict {
    case accepted
    case returned(String)
    case skipped
    case quit
  }

  private func verdict(_ clip: [UInt8]?) throws -> Verdict {
    let again = clip == nil ? "" : "Enter hear again, "
    while true {
      switch try player.line("a accept, b send back, \(again)s skip, q quit > ")?.lowercased() {
      case "a": return .accepted
      case "b":
        guard let note = try player.line("What is wrong with it? ") else { return .quit }
        if !note.isEmpty { return .returned(note) }
      case "s": return .skipped
      case nil, "q": return .quit
      case "": if let clip { try player.play(clip) }
      default: Terminal.remark("one of the letters a, b, s, q")
      }
    }
  }

  /// What was meant: not before the reviewer has said what is understood.
  private func explain(_ item: ReviewItem) {
    let source = reviewer.build.catalogue.source?.wordings[item.prompt.id]?.text
    if let back = item.wording.back { print("   on file  \(back)") }
    print("   meant    \(source ?? item.prompt.title)  (\(item.prompt.id))")
    if !item.prompt.caution.isEmpty { print(Terminal.paint("   caution  \(item.prompt.caution)", .faint)) }
    for (variant, text) in item.wording.variants.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      print("   \(filled(variant.rawValue, 8)) \(text)")
    }
    if let note = item.wording.note { print(Terminal.paint("   doubt    \(note)", .yellow)) }
    let wording = Reviewer.Subject(item: item, kind: .wording, hash: item.hash)
    for note in reviewer.openNotes(wording) {
      print(Terminal.paint("   note     \(note.name), \(note.date): \(note.note ?? "")", .yellow))
    }
  }

  private mutating func skip() -> Bool {
    skipped += 1
    return false
  }

  private mutating func quit() -> Bool {
    hasQuit = true
    return false
  }

  /// Tells what was done, and how to go on.
  func sum() {
    print("\n\(accepted) accepted, \(returned) sent back, \(skipped) skipped: all kept.")
    if hasQuit || skipped > 0 { print("The same command goes on where you left off.") }
    if accepted == 0 && returned == 0 && skipped == 0 && !hasQuit {
      print("There is nothing left for \(reviewer.name) to judge.")
    }
  }
}
