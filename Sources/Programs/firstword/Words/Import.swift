import ArgumentParser
import Catalogue
import Glibc
import Import
import KitBuilder
import Posix
import Project

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Bring recordings into a project that were made elsewhere, however they are named.",
    discussion: """
        firstword import ~/Downloads/from-ana shelter --voice f1
        firstword import from-ana.zip shelter --speaker Iris --dry-run
        firstword import evening.wav shelter --long --language ro --voice f1

      FROM is a directory, a ZIP archive, one file, or a CSV map. Language, prompt and voice are read from names such as \
      ro_03.wav, '03 - safe here (Romanian).mp3' or fr/m1/safe-here-take2.WAV. The plan is shown with the reason for \
      each, and you are asked. What can be read in two ways is never guessed: it stays out until you decide it.

      To decide many at once: --write-map plan.csv, correct it in a spreadsheet, and give it back with --map plan.csv. \
      Its columns are file, language, prompt, voice, and start and end for pieces of one file; an empty cell is read \
      from the name, - under prompt leaves the file out, and a piece is uncertain until its cell under doubt is empty.

      One file that holds all prompts in the order of the script ('firstword words script') is cut at its pauses. A \
      line is known by its place and its length only, so look at the text beside each piece, and listen where a piece \
      is marked as uncertain; --yes does not take a take that has such pieces.

      The files that you give are only read. What libsndfile reads is kept byte for byte, the rest becomes WAV through \
      ffmpeg. \(ImportLedger.name) in the project tells the SHA-256 of each original, so that it is not imported twice. All \
      of a run is imported or nothing, whatever happens. What makes way with --replace goes to the project's directory \
      \(TakeDirectory.former).

      Exit status 1: something stays out.
      """)

  @Argument(help: ArgumentHelp("A directory, a ZIP archive, a sound file, or a CSV map.", valueName: "FROM"))
  var from: String

  @Argument(help: ArgumentHelp("The project's directory.", valueName: "PROJECT"))
  var project = "."

  @Option(help: ArgumentHelp("All of them are in this language.", valueName: "TAG"))
  var language: String?

  @Option(help: ArgumentHelp("All of them are this voice's: f1 the first woman, m1 the first man.", valueName: "NAME"))
  var voice: String?

  @Option(help: ArgumentHelp("All of them are spoken by this speaker of speakers.yaml.", valueName: "PSEUDONYM"))
  var speaker: String?

  @Option(help: ArgumentHelp("A CSV file that says what each file is.", valueName: "FILE.csv"))
  var map: String?

  @Option(
    name: .customLong("write-map"),
    help: ArgumentHelp("Write the plan as a map, and import nothing.", valueName: "FILE.csv"))
  var writeMap: String?

  @Flag(help: "Each file is one take of many prompts, in the order of the script.")
  var long = false

  @Flag(name: .customLong("trust-numbers"), help: "Numbers that a recorder has counted are the prompts' own.")
  var trustNumbers = false

  @Flag(help: "Recordings that are there make way; they are kept beside.")
  var replace = false

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(name: .customLong("dry-run"), help: "Show the plan only.")
  var dryRun = false

  @Flag(help: "For machines: the plan, and whether it was done.")
  var json = false

  @Option(help: ArgumentHelp("ALSA PCM that uncertain pieces are played to.", valueName: "NAME"))
  var pcm = "default"

  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if let voice, !RecordingTree.isVoice(voice) { throw ValidationError("--voice takes a name such as f1 or m2") }
    if json && !yes && !dryRun && writeMap == nil {
      throw ValidationError("--json cannot ask: say --yes or --dry-run too")
    }
  }

  func run() throws {
    let build = try load()
    let source = try Source(place, except: [project] + (mapPath.map { [$0] } ?? []))
    var plan = try plan(build, source)
    if let writeMap {
      try Files.replace(writeMap, with: Array(plan.map.utf8))
      if json { return try printJSON(PlanReport(plan, isDone: false)) }
      return print("\(writeMap)  \(plan.rows.count) rows; correct it, and say --map \(writeMap)")
    }
    if !json { PlanView(plan, catalogue: build.catalogue).show() }
    if !dryRun && !yes { try decide(&plan, source, build) }
    let placed = plan.placed
    var imported: [ImportRecord] = []
    if !dryRun && !placed.isEmpty {
      try agree(plan)
      imported = try carryOut(plan, source, build)
    }
    if json {
      try printJSON(PlanReport(plan, isDone: !imported.isEmpty))
    } else if !imported.isEmpty {
      print("\(Self.count(imported.count, "recording")) imported; 'firstword check \(project)' looks at them")
    } else if placed.isEmpty {
      print("Nothing to import.")
    }
    if !plan.open.isEmpty { throw ExitCode(1) }
  }

  // MARK: Steps

  /// A map's files lie beside it.
  private var place: String { isMap ? Path(from).parent.string : from }

  private var isMap: Bool {
    !Files.isDirectory(from) && ["csv", "tsv"].contains(Path(from.lowercased()).extension)
  }

  private var mapPath: String? { map ?? (isMap ? from : nil) }

  private func load() throws -> KitBuild {
    guard Files.exists(Path(project).appending(ProjectFile.name)) else {
      throw Failure.impossible(
        "no project in \(project): there is no \(ProjectFile.name); name its directory behind FROM, or make one with 'firstword new'"
      )
    }
    return try KitBuild(directory: project, catalogue: Catalogue.locate(words.catalogue), day: today())
  }

  private func plan(_ build: KitBuild, _ source: Source) throws -> ImportPlan {
    var options = ImportOptions()
    options.language = try language.map { try build.language($0).tag }
    (options.voice, options.speaker) = (voice, speaker)
    (options.trustsNumbers, options.replaces, options.isLong) = (trustNumbers, replace, long)
    options.map = try mapPath.map { try ImportMap(reading: $0) }
    let imports = try ImportLedger.read(Path(project).appending(ImportLedger.name).string)
    var progress = Terminal.Progress("heard")
    defer { progress.end() }
    return try ImportPlanner(build, imports: imports, options: options).plan(source) {
      progress.show($0, of: source.files.count)
    }
  }

  /// A person decides what is uncertain in a long take, with text and sound.
  private func decide(_ plan: inout ImportPlan, _ source: Source, _ build: KitBuild) throws {
    let uncertain = plan.uncertain
    guard !uncertain.isEmpty, Terminal.canAsk,
      Terminal.confirm("\(Self.uncertain(uncertain.count)). Decide now, one by one?")
    else { return }
    try PieceDecision(build, source, pcm: pcm).decide(uncertain, in: &plan)
  }

  private func agree(_ plan: ImportPlan) throws {
    let pieces = plan.uncertain.count
    let what = Self.count(plan.placed.count, "recording")
    if yes {
      if pieces == 0 { return }
      throw Failure.impossible(
        "\(Self.uncertain(pieces)), and --yes takes none of a take that has such: decide on a terminal without --yes, "
          + "or with --write-map and --map")
    }
    guard Terminal.canAsk else {
      throw Failure.impossible("\(what) could be imported, and nobody is here to be asked: look at it, and say --yes")
    }
    guard Terminal.confirm("Import \(what) into \(project)?") else { throw Failure.wrong("nothing was changed") }
  }

  private func carryOut(_ plan: ImportPlan, _ source: Source, _ build: KitBuild) throws -> [ImportRecord] {
    let lock = try lockProject(project)
    defer { lock.end() }
    let delivery = ImportTransaction(project)
    switch try delivery.recover() {
    case .nothing: break
    case .swept: Terminal.remark("\(project): what an interrupted import had left half written was removed")
    case .finished(let count):
      Terminal.remark("\(project): an interrupted import was finished: \(Self.count(count, "recording")) in place")
    }
    // Somebody may have recorded or imported while this was looked at.
    let now = try load()
    guard now.tree.takes == build.tree.takes, now.speakers == build.speakers else {
      throw Failure.impossible("\(project) has changed in the meantime: nothing was imported: run it again")
    }
    let signals = try FileDescriptor.signals([SIGINT, SIGTERM, SIGHUP])
    var progress = Terminal.Progress("copied")
    defer { progress.end() }
    return try delivery.carryOut(plan, source, day: today()) { done in
      if signals.takeSignal() != nil { throw Failure.impossible("interrupted: nothing was changed") }
      progress.show(done, of: plan.placed.count)
    }
  }

  private static func uncertain(_ count: Int) -> String {
    "\(Self.count(count, "piece")) \(count == 1 ? "is" : "are") uncertain"
  }

  static func count(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
}
