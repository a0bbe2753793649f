import ArgumentParser
import Catalogue
import Diagnostics
import Import
import KitBuilder
import Posix
import Translation

struct WordsImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Read a translator's PO, XLIFF or CSV file back.",
    discussion: """
        firstword words import ro.po --project shelter

      Shows each change, old and new, and asks before writing. Only changed lines are edited; comments and quotes are \
      kept. With --project, the texts are written to the project's own Languages/TAG.yaml, otherwise to the \
      catalogue's. A text that is empty in the file changes nothing; a back-translation or note that is empty in the \
      file is removed.

      A text that is probably wrong is questioned: in another script, longer than 8 s of speech, or, for the name of the \
      language, another language's name. Each needs its own confirmation; --yes skips it, --questioned takes it.

      The states in the file are ignored: only 'firstword approve' and 'review' approve a text. A changed text loses \
      its approvals; they are listed before the question.
      """)

  @Argument(help: ArgumentHelp("The PO, XLIFF or CSV file.", valueName: "FILE"))
  var file: String

  @Option(help: "The format, if the file's extension does not show it: po, xliff or csv.")
  var format: TranslationFormat?

  @Flag(help: "Write without asking.")
  var yes = false

  @Flag(help: "Take questioned texts too.")
  var questioned = false

  @Flag(help: "Print the changes as JSON.")
  var json = false

  @OptionGroup var words: WordsOption

  private struct Report: Encodable {
    var language: String
    var changes: [Row]
    var faults: [String]
    var files: [String]

    struct Row: Encodable {
      var prompt: String
      var part: String
      var old: String?
      var new: String?
      /// The names whose approval is lost.
      var approvals: [String]
      var stale: Bool
      /// Whether the back-translation on file belongs to the old text.
      var oldBack: Bool
      /// Why a person must confirm the text; absent if nothing is doubtful.
      var question: String?
    }
  }

  func run() throws {
    guard let format = format ?? TranslationFormat(path: file) else {
      throw Failure.impossible("\(file): the extension is not .po, .xlf or .csv; use --format po, xliff or csv")
    }
    let bytes = try Files.read(file, limit: 16 << 20)
    let sheet = try format.read(bytes, path: file)
    // Held during the question, so that the changes shown are the changes made.
    let lock = try self.words.project.map { try lockProject($0) }
    defer { lock?.end() }
    let words = try self.words.load()
    let language = try words.language(sheet.language)
    var plan = words.plan(sheet, path: file, of: language)
    for fault in plan.faults { Terminal.complain("\(fault.unlabelledDescription)") }
    let leftOut = decideQuestioned(&plan)
    let falling = plan.changes.map { words.approvals(lostBy: $0, in: language) }
    if !json {
      for (change, names) in zip(plan.changes, falling) { show(change, names) }
    }
    let edits = words.edits(plan, of: language)
    if !plan.changes.isEmpty && !yes {
      guard Terminal.canAsk else {
        throw Failure.impossible(
          "\(summary(plan, falling)): cannot ask without a terminal; check the changes, then use --yes")
      }
      guard Terminal.confirm("\(summary(plan, falling)). Write them into \(Self.list(edits.map(\.path)))?") else {
        throw Failure.wrong("nothing was changed")
      }
    }
    let order = words.catalogue.items.map(\.id)
    for edit in edits {
      try WordingFile.edit(edit.path, edit.changes, order: order, new: edit.new, from: language)
    }
    if json {
      try printJSON(
        Report(
          language: language.tag,
          changes: zip(plan.changes, falling).map { change, names in
            Report.Row(
              prompt: change.prompt.id, part: change.change.part.rawValue, old: change.old, new: change.change.value,
              approvals: names, stale: change.isStale, oldBack: change.leavesOldBack, question: change.question)
          },
          faults: plan.faults.map { "\($0.message): \($0.remedy ?? "")" }
            + leftOut.map { "\($0.prompt.id).\($0.change.part.rawValue): \($0.question ?? "")" },
          files: edits.map(\.path)))
    } else if plan.changes.isEmpty {
      print("\(file)  no changes in \(language.english)")
    } else {
      print("\(summary(plan, falling)), in \(Self.list(edits.map(\.path)))")
    }
    if !plan.faults.isEmpty || !leftOut.isEmpty { throw ExitCode(1) }
  }

  /// Asks for each questioned text whether to take it; without a person it is left out, unless `--questioned` is given.
  ///
  /// - Returns: the questioned changes that are left out.
  private func decideQuestioned(_ plan: inout TranslationPlan) -> [TranslationPlan.Change] {
    if questioned { return [] }
    var leftOut: [TranslationPlan.Change] = []
    for change in plan.changes {
      guard let question = change.question, !leftOut.contains(where: { $0.prompt.id == change.prompt.id }) else {
        continue
      }
      let text = "\(change.prompt.id).\(change.change.part.rawValue) '\(change.change.value ?? "")': \(question)"
      if !yes && Terminal.canAsk && Terminal.confirm("\(text). Take it all the same?") { continue }
      Terminal.complain("\(text); left out: correct it, or give --questioned to take it")
      leftOut.append(change)
    }
    for change in leftOut { plan.leaveOut(change.prompt.id) }
    return leftOut
  }

  // MARK: Views

  private func show(_ change: TranslationPlan.Change, _ names: [String]) {
    print("\(padded(change.prompt.number, 2)) \(change.prompt.id) \(change.change.part.rawValue)")
    if let old = change.old { print(Terminal.paint(" - \(old)", .red)) }
    if let new = change.change.value { print(Terminal.paint(" + \(new)", .green)) }
    if change.isStale { print(Terminal.paint(" ! the English source has changed since the export", .yellow)) }
    if let question = change.question { print(Terminal.paint(" ! \(question)", .red)) }
    if change.leavesOldBack {
      print(
        Terminal.paint(
          " ! the back-translation belongs to the old text and is marked as outdated: have a new one made", .yellow))
    }
    if !names.isEmpty {
      print(Terminal.paint(" ! loses the approval of \(names.joined(separator: ", "))", .yellow))
    }
  }

  private func summary(_ plan: TranslationPlan, _ falling: [[String]]) -> String {
    let fallen = falling.filter { !$0.isEmpty }.count
    let changes = counted(plan.changes.count, "change")
    switch fallen {
    case 0: return changes
    case 1: return changes + ", and one approved or reviewed text becomes a draft"
    default: return changes + ", and \(fallen) approved or reviewed texts become drafts"
    }
  }

  private static func list(_ paths: [String]) -> String { paths.joined(separator: ", ") }
}
