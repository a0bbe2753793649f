import ArgumentParser
import Catalogue
import KitBuilder

struct Review: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Review a language's messages one by one: translate each back, then accept it or return it.",
    discussion: """
        firstword review km --by "Sok D." --key sok.key

      For reviewers who speak the language. Each message is played and shown in its own script; you write its meaning \
      in English, and only then see the source. Then you accept it, or return it with a note that 'firstword words' \
      and 'check' show to the trainer. Acceptance is one of the two approvals that a message needs.

      Every answer is saved immediately: quit at any time, and continue later with the same command.
      """)

  @Argument(help: ArgumentHelp("A language, or one prompt of it by id or number.", valueName: "LANG[/PROMPT]"))
  var choice: String

  @OptionGroup var reviewer: ReviewerOption

  @Option(help: ArgumentHelp("The ALSA PCM that plays the recordings.", valueName: "NAME"))
  var pcm = "default"

  @OptionGroup var kept: CacheOption
  @OptionGroup var project: ProjectOption

  func run() throws {
    guard Terminal.canAsk else {
      throw Failure.impossible("a review needs a terminal; 'firstword approve --yes' works without one")
    }
    let workspace = try project.load()
    let items = try workspace.items(choice)
    var session = ReviewSession(
      reviewer: try Reviewer(reviewer, project, workspace, cache: kept.cache),
      player: try PreviewPlayer(
        pcm: pcm, consequence: "recordings are skipped, because they cannot be approved unheard"),
      of: items.count)
    for (index, item) in items.enumerated() where !session.hasQuit { try session.judge(item, index + 1) }
    session.sum()
  }
}

/// A review session: asks about items and counts the answers.
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

  /// A recording by a speaker, and its clip to play.
  private typealias PlayableRecording = (subject: Reviewer.Subject, clip: [UInt8])

  mutating func judge(_ item: ReviewItem, _ index: Int) throws {
    let wording = Reviewer.Subject(item: item, kind: .wording, hash: item.hash)
    let heard = recordings(of: item)
    // Nobody approves the own voice.
    let due = heard.filter { !isJudged($0.subject) && !reviewer.isSpeaker(of: $0.subject) }
    let isWordingDue = !isJudged(wording)
    // Recordings of a returned text are not reviewed: the new text will be recorded again.
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

  /// Returns whether a subject needs no review. A single prompt is reviewed again even if this reviewer returned it.
  private func isJudged(_ subject: Reviewer.Subject) -> Bool {
    count == 1 ? reviewer.hasApproved(subject) : reviewer.hasJudged(subject)
  }

  /// Returns the recordings by speakers that can be played.
  private func recordings(of item: ReviewItem) -> [PlayableRecording] {
    guard player.works else { return [] }
    return item.takes.compactMap { take in
      do throws(CheckFinding) {
        let playable = try reviewer.pipeline.reviewClip(of: take, item)
        if playable.synthetic { return nil }
        let subject = Reviewer.Subject(
          item: item, kind: .recording, hash: playable.sha256, take: take, duration: playable.duration)
        return (subject, playable.clip)
      } catch {
        Terminal.complain("\(error)")
        return nil
      }
    }
  }

  /// Asks for a back-translation of the text, then shows the source and asks for the verdict.
  ///
  /// - Returns: whether to review the text's recordings.
  private mutating func judge(_ wording: Reviewer.Subject, clip: [UInt8]?) throws -> Bool {
    if let clip { try player.play(clip) }
    let hint = clip == nil ? "s skip, q quit" : "Enter to hear it again, s skip, q quit"
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
      reviewer.remark(onNew: try reviewer.accept(wording, back: back))
      accepted += 1
      return true
    case .returned(let note):
      try sendBack(wording, back: back, note: note)
      return false
    case .skipped: return skip()
    case .quit: return quit()
    }
  }

  private mutating func judge(_ recording: PlayableRecording) throws {
    print("   recording \(recording.subject.take?.voice ?? ""): does it say exactly this text, clearly and calmly?")
    try player.play(recording.clip)
    switch try verdict(recording.clip) {
    case .accepted:
      reviewer.remark(onNew: try reviewer.accept(recording.subject))
      accepted += 1
    case .returned(let note): try sendBack(recording.subject, note: note)
    case .skipped: _ = skip()
    case .quit: _ = quit()
    }
  }

  private mutating func sendBack(_ subject: Reviewer.Subject, back: String? = nil, note: String) throws {
    try reviewer.sendBack(subject, back: back, note: note)
    returned += 1
  }

  private enum Verdict {
    case accepted
    case returned(String)
    case skipped
    case quit
  }

  private func verdict(_ clip: [UInt8]?) throws -> Verdict {
    let again = clip == nil ? "" : "Enter to hear it again, "
    while true {
      switch try player.line("a accept, b return, \(again)s skip, q quit > ")?.lowercased() {
      case "a": return .accepted
      case "b":
        guard let note = try player.line("What is wrong with it? ") else { return .quit }
        if !note.isEmpty { return .returned(note) }
      case "s": return .skipped
      case nil, "q": return .quit
      case "": if let clip { try player.play(clip) }
      default: Terminal.remark("enter a, b, s or q")
      }
    }
  }

  /// Prints the source and the notes. Called only after the reviewer's back-translation, which they would influence.
  private func explain(_ item: ReviewItem) {
    let source = reviewer.workspace.catalogue.source?.wordings[item.prompt.id]?.text
    if let back = item.wording.shownBack { print("   on file  \(back)") }
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

  /// Prints the counts, and how to continue.
  func sum() {
    print("\n\(accepted) accepted, \(returned) returned, \(skipped) skipped; all answers are saved.")
    if hasQuit || skipped > 0 { print("Run the same command again to continue.") }
    if accepted == 0 && returned == 0 && skipped == 0 && !hasQuit {
      print("Nothing is left for \(reviewer.name) to review.")
    }
  }
}
