import ArgumentParser
import Catalogue
import Diagnostics
import Glibc
import Import
import KitBuilder
import Posix
import Project

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import existing recordings into a project; their names show what they are.",
    discussion: """
        firstword import ~/Downloads/from-ana --project shelter --voice f1
        firstword import from-ana.zip --project shelter --speaker Iris --dry-run
        firstword import evening.wav --project shelter --long --language ro --voice f1
        firstword import --undo --project shelter

      FROM is a directory, a ZIP archive, one file, or a CSV map. Language, prompt and voice are read from names such \
      as ro_03.wav, '03 - safe here (Romanian).mp3' or fr/m1/safe-here-take2.WAV. The plan is shown with the reason \
      for each decision before the import is confirmed. An ambiguous name is never guessed: its file is not imported \
      until you decide.

      To decide many files at once: write a map with --write-map plan.csv, correct it in a spreadsheet, and pass it \
      with --map plan.csv. Its columns are file, language, prompt, voice, and start and end for pieces of one file. An \
      empty cell is read from the name; '-' as the prompt excludes the file; a piece is uncertain until its cell in \
      the column doubt is empty.

      With --long, one file that holds all prompts in the order of the script ('firstword words script') is cut at its \
      pauses. A line is recognised only by its position and its length, so compare the text with each piece, and \
      listen to the pieces that are marked as uncertain; --yes imports no take with uncertain pieces.

      The original files are only read. A file that libsndfile reads is copied byte for byte; any other is converted \
      to WAV by ffmpeg. \(ImportLedger.name) in the project records the SHA-256 of each original, so that it is not \
      imported twice. A run imports all of its files or none, even after a crash. Recordings that --replace replaces \
      are moved to the project's directory \(TakeDirectory.former).

      --undo removes the recordings of the last import that nobody has changed since, and brings back those that they \
      replaced. \(ImportLedger.name) says so.

      A file that a page of 'firstword post' saved lands without any of this: the page says what each recording or \
      answer is of. The consent is shown before it is entered in speakers.yaml. A recording whose wording has changed \
      since the page was made is kept in \(TakeDirectory.former), and not used.

      The exit status is 1 if a file needs a decision.
      """)

  @Argument(
    help: ArgumentHelp(
      "A directory, a ZIP archive, an audio file, a CSV map, or a file that came back by post.", valueName: "FROM"))
  var from: String?

  @OptionGroup var destination: ProjectPlace

  @Option(help: ArgumentHelp("The language of all files, by tag or name.", valueName: "LANG"))
  var language: String?

  @Option(help: ArgumentHelp("The voice of all files: f1 the first woman, m1 the first man.", valueName: "NAME"))
  var voice: String?

  @Option(help: ArgumentHelp("The speaker of all files, from speakers.yaml.", valueName: "PSEUDONYM"))
  var speaker: String?

  @Option(help: ArgumentHelp("A CSV map with the language, prompt and voice of each file.", valueName: "FILE.csv"))
  var map: String?

  @Option(
    name: .customLong("write-map"),
    help: ArgumentHelp("Write the plan as a map to a new file, and import nothing.", valueName: "FILE.csv"))
  var writeMap: String?

  @Flag(help: "Each file holds many prompts, in the order of the script.")
  var long = false

  @Flag(
    name: .customLong("trust-numbers"),
    help: "Use numbers in names as prompt numbers, even if a recorder may have counted them.")
  var trustNumbers = false

  @Flag(help: "Replace existing recordings; they are kept in the project's directory \(TakeDirectory.former).")
  var replace = false

  @Flag(help: "Undo the last import.")
  var undo = false

  @Flag(help: "Import, or undo, without asking.")
  var yes = false

  @Flag(name: .customLong("dry-run"), help: "Show the plan, and change nothing.")
  var dryRun = false

  @Flag(help: "Print the plan and its result as JSON.")
  var json = false

  @Option(help: ArgumentHelp("The ALSA PCM that plays uncertain pieces.", valueName: "NAME"))
  var pcm = "default"

  func validate() throws {
    if undo {
      let others =
        [language, voice, speaker, map, writeMap].contains { $0 != nil } || long || trustNumbers || replace
      if from != nil || others {
        throw ValidationError("--undo takes no file and no option of an import; give --project DIR")
      }
    } else if from == nil {
      throw ValidationError("FROM is missing: a directory, a ZIP archive, an audio file or a CSV map")
    }
    if let voice, !RecordingTree.isVoice(voice) { throw ValidationError("--voice takes a name such as f1 or m2") }
    if json && !yes && !dryRun && writeMap == nil {
      throw ValidationError("--json cannot ask; add --yes or --dry-run")
    }
  }

  func run() throws {
    if undo { return try undoLast() }
    if let writeMap, Files.exists(writeMap) { throw Self.mapExists(writeMap) }
    if PostReturn.isReturn(given) { return try returned.run() }
    let workspace = try load()
    let source = try Source(place, except: [project] + (mapPath.map { [$0] } ?? []))
    var plan = try plan(workspace, source)
    if let writeMap {
      do throws(SystemError) { try Files.create(writeMap, with: Array(plan.map.utf8)) } catch {
        throw Files.exists(writeMap) ? Self.mapExists(writeMap) : Failure.impossible("\(error)")
      }
      if json { return try printJSON(PlanReport(plan, isDone: false)) }
      return print("\(writeMap)  \(counted(plan.rows.count, "row")); correct it, then use --map \(writeMap)")
    }
    if !json { PlanView(plan, catalogue: workspace.catalogue).show() }
    if !dryRun && !yes { try decide(&plan, source, workspace) }
    let placed = plan.placed
    var imported: [ImportRecord] = []
    if !dryRun && !placed.isEmpty {
      try agree(plan)
      imported = try carryOut(plan, source, workspace)
    }
    if json {
      try printJSON(PlanReport(plan, isDone: !imported.isEmpty))
    } else if !imported.isEmpty {
      print("\(counted(imported.count, "recording")) imported; 'firstword check --project \(project)' checks them")
    } else if placed.isEmpty {
      print("Nothing to import.")
    }
    if !plan.open.isEmpty { throw ExitCode(1) }
  }

  /// The import of a file that a page of 'firstword post' saved.
  private var returned: ReturnImport {
    get throws {
      let others = [
        ("--language", language != nil), ("--speaker", speaker != nil), ("--map", map != nil),
        ("--write-map", writeMap != nil), ("--long", long), ("--trust-numbers", trustNumbers),
      ]
      if let other = others.first(where: \.1) {
        throw ValidationError("\(other.0) is not for a file that came back by post, which says itself what it holds")
      }
      return ReturnImport(
        from: given, project: project, voice: voice, replaces: replace, asks: !yes, isDryRun: dryRun, isJSON: json,
        load: load)
    }
  }

  // MARK: Steps

  /// The directory or file of the recordings. A map's files are in the map's directory.
  private var place: String { isMap ? Path(given).parent.string : given }

  /// What is imported; `validate` has seen that it is there.
  private var given: String { from ?? "" }

  private var project: String { destination.directory }

  private var isMap: Bool {
    !Files.isDirectory(given) && ["csv", "tsv"].contains(Path(given.lowercased()).extension)
  }

  private var mapPath: String? { map ?? (isMap ? given : nil) }

  private func load() throws -> Workspace {
    try destination.load(day: Day.today())
  }

  private func plan(_ workspace: Workspace, _ source: Source) throws -> ImportPlan {
    var options = ImportOptions()
    options.language = try language.map { try workspace.language($0).tag }
    (options.voice, options.speaker) = (voice, speaker)
    (options.trustsNumbers, options.replaces, options.isLong) = (trustNumbers, replace, long)
    options.map = try mapPath.map { try ImportMap(reading: $0) }
    let imports = try ImportLedger.read(Path(project).appending(ImportLedger.name).string)
    var progress = Terminal.Progress("read")
    defer { progress.end() }
    return try ImportPlanner(workspace, imports: imports, options: options).plan(source) {
      progress.show($0, of: source.files.count)
    }
  }

  /// Asks the user about the uncertain pieces of a long take.
  private func decide(_ plan: inout ImportPlan, _ source: Source, _ workspace: Workspace) throws {
    let uncertain = plan.uncertain
    guard !uncertain.isEmpty, Terminal.canAsk,
      Terminal.confirm("\(Self.uncertain(uncertain.count)). Decide now, one by one?")
    else { return }
    try PieceDecision(workspace, source, pcm: pcm).decide(uncertain, in: &plan)
  }

  private func agree(_ plan: ImportPlan) throws {
    let pieces = plan.uncertain.count
    let what = counted(plan.placed.count, "recording")
    if yes {
      if pieces == 0 { return }
      throw Failure.impossible(
        """
        \(Self.uncertain(pieces)), and --yes imports no take with uncertain pieces; \
        decide on a terminal without --yes, or with --write-map and --map
        """)
    }
    guard Terminal.canAsk else {
      throw Failure.impossible("cannot ask about \(what) without a terminal; check the plan, then use --yes")
    }
    guard Terminal.confirm("Import \(what) into \(project)?") else { throw Failure.wrong("nothing was changed") }
  }

  private func carryOut(_ plan: ImportPlan, _ source: Source, _ workspace: Workspace) throws -> [ImportRecord] {
    let lock = try lockProject(project)
    defer { lock.end() }
    let delivery = ImportTransaction(project)
    switch try delivery.recover() {
    case .nothing: break
    case .swept: Terminal.remark("\(project): removed the unfinished files of an interrupted import")
    case .finished(let count):
      Terminal.remark("\(project): finished an interrupted import of \(counted(count, "recording"))")
    }
    // Another program may have changed the project during the questions.
    guard try load().keepsPlan(madeOf: workspace) else {
      throw Failure.impossible(
        "\(project) has changed since the plan was made; nothing was imported; run the command again")
    }
    let signals = try FileDescriptor.signals([SIGINT, SIGTERM, SIGHUP])
    var progress = Terminal.Progress("copied")
    defer { progress.end() }
    return try delivery.carryOut(plan, source, day: Day.today()) { done in
      if signals.takeSignal() != nil { throw Failure.impossible("interrupted: nothing was changed") }
      progress.show(done, of: plan.placed.count)
    }
  }

  // MARK: Undo

  private struct UndoReport: Encodable {
    var removed: [String]
    var kept: [String]
    var done: Bool
  }

  /// Removes the recordings of the last import.
  private func undoLast() throws {
    try checkProject(project)
    let lock = try lockProject(project)
    defer { lock.end() }
    let delivery = ImportTransaction(project)
    _ = try delivery.recover()
    let undo = try delivery.undo()
    if !json {
      for line in undo.lines { print("\(line.path)  from \(line.source), imported on \(line.date)") }
      for line in undo.kept { print("\(line.path)  was changed since, and stays") }
    }
    if !dryRun {
      let what = counted(undo.lines.count, "recording")
      if !undo.lines.isEmpty && !yes {
        guard Terminal.canAsk else {
          throw Failure.impossible("cannot ask about \(what) without a terminal; check them, then use --yes")
        }
        guard Terminal.confirm("Remove \(what) from \(project)?") else { throw Failure.wrong("nothing was changed") }
      }
      try delivery.carryOut(undo, day: Day.today())
      if !json { print("The last import is undone: \(what) removed.") }
    }
    if json { try printJSON(UndoReport(removed: undo.lines.map(\.path), kept: undo.kept.map(\.path), done: !dryRun)) }
  }

  private static func uncertain(_ count: Int) -> String {
    "\(counted(count, "piece")) \(count == 1 ? "is" : "are") uncertain"
  }

  /// A map may hold a person's corrections, so it is never replaced.
  private static func mapExists(_ path: String) -> Failure {
    .impossible(
      """
      \(path): the file exists and may hold corrections; nothing was written: use it with --map \(path), \
      or give --write-map another name
      """)
  }
}
