import ArgumentParser
import Catalogue
import Diagnostics
import Import
import Kit
import KitBuilder
import Posix
import Project

struct Takedown: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take down a speaker's voice: list its files, and remove them.",
    discussion: """
        firstword takedown Iris shelter-1.0.kit shelter-1.1.kit    # lists only
        firstword takedown Iris shelter-1.0.kit shelter-1.1.kit --yes
        firstword takedown 4Q7YK-M2RT9-0XWVB-3HJNE shelter-1.0.kit --yes    # the code of a speaker who recorded by post

      With --yes, the date is entered in the speaker's entry in speakers.yaml, so that no kit is built with the voice \
      any more; the recordings, the cached clips and the files of unfinished imports on the page are removed. \
      Published kits cannot be removed: name every kit that you have given away, and the SHA-256 of each clip of the \
      voice is written to a list for 'firstword recall add recalls.json --from LIST.json'.

      Remove other copies (backups, originals, the git history) yourself.
      """)

  @Argument(help: "The speaker's pseudonym, or the code with which the speaker withdraws.")
  var speaker: String

  @Argument(help: "Published kits that may contain the voice.")
  var kits: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The list of clips to write. Default: takedown-SPEAKER.json in the project.", valueName: "FILE.json"))
  var output: String?

  @Flag(help: "Remove the files, and enter the date.")
  var yes = false

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var kept: CacheOption
  @OptionGroup var project: ProjectOption

  private struct Report: Encodable {
    var speaker: String
    var done: Bool
    var files: [String]
    var kits: [Kit]
    var list: String?

    struct Kit: Encodable {
      var path: String
      var clips: [String]
    }
  }

  func run() throws {
    try project.check()
    // No other program may import the voice meanwhile.
    let lock = yes ? try lockProject(project.directory) : nil
    defer { lock?.end() }
    let workspace = try project.load()
    let speaker = workspace.speakers.pseudonym(ofWithdrawalCode: speaker) ?? speaker
    if workspace.speakers.entries(of: speaker).isEmpty {
      let known = workspace.speakers.all.map(\.pseudonym)
      throw Failure.impossible(
        """
        \(project.path(Speakers.name)) has no speaker '\(speaker)'\(Spelling.hint(speaker, known)); \
        'firstword speakers' lists them
        """)
    }
    var open: [KitFile] = []
    for kit in kits { open.append(try KitFile(path: kit)) }
    let takeDown = try TakeDown(speaker, of: workspace, kits: open)
    let list =
      takeDown.kits.isEmpty ? nil : output ?? project.path(takeDown.listName)
    if yes {
      // The list is written first, because others need it even if the removal fails.
      if let list { try takeDown.writeList(list, on: Day.today()) }
      try takeDown.carryOut(on: Day.today(), tags: workspace.catalogue.languages.map(\.tag), cache: kept.cache)
      // What the studio was sent and nobody imported may hold the voice, too.
      try ImportDrafts(project.directory).removeAll()
    }
    if json {
      try printJSON(
        Report(
          speaker: takeDown.pseudonym, done: yes, files: takeDown.files,
          kits: takeDown.kits.map { Report.Kit(path: $0.path, clips: $0.clips.map(\.sha256)) },
          list: yes ? list : nil))
    } else {
      show(takeDown, list: list)
    }
  }

  private func show(_ takeDown: TakeDown, list: String?) {
    for file in takeDown.files { print("\(yes ? "removed" : "would remove")  \(file)") }
    for kit in takeDown.kits {
      print("\(kit.path)  \(kit.name): \(counted(kit.clips.count, "clip")) of this voice")
      for clip in kit.clips { print("  \(clip.sha256)  \(clip.file)") }
    }
    if kits.isEmpty {
      Terminal.remark("no kit was searched; name the kits that were given away, so that their clips can be recalled")
    }
    if !yes {
      print(
        "Nothing was changed. --yes removes \(counted(takeDown.files.count, "file")) and marks the speaker as withdrawn."
      )
    } else if let list {
      print("\(list)  the clips to recall: 'firstword recall add recalls.json --from \(list)'")
    }
  }
}

struct SpeakersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speakers", abstract: "List the speakers of a project's recordings.",
    discussion: "They are listed in speakers.yaml in the project, by pseudonyms, never by real names.")

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var project: ProjectOption

  private struct Row: Encodable {
    var pseudonym: String?
    var language: String
    var voice: String
    var childFriendly: Bool
    var consent: String?
    var withdrawn: String?
    var licence: String?
    var contact: String?
    var recordings: Int
  }

  func run() throws {
    let workspace = try project.load()
    let counts = Dictionary(grouping: workspace.tree.takes.filter { $0.voice != Take.synthetic }) {
      "\($0.language)/\($0.voice)"
    }
    var rows = workspace.speakers.all.map { speaker in
      Row(
        pseudonym: speaker.pseudonym, language: speaker.language, voice: speaker.voice,
        childFriendly: speaker.isForChildren, consent: speaker.consent, withdrawn: speaker.withdrawn,
        licence: speaker.licence, contact: speaker.contact,
        recordings: counts["\(speaker.language)/\(speaker.voice)", default: []].count)
    }
    for (_, takes) in counts.sorted(by: { $0.key < $1.key }) {
      let take = takes[0]
      if workspace.speakers.speaker(of: take.language, voice: take.voice) != nil { continue }
      rows.append(
        Row(language: take.language, voice: take.voice, childFriendly: false, recordings: takes.count))
    }
    if json { return try printJSON(rows) }
    if rows.isEmpty { return print("no speakers; add them to \(project.path(Speakers.name))") }
    var table = Table(["speaker", "voice", "recordings", "children", "consent", "contact", "licence"])
    for row in rows {
      table.add([
        row.pseudonym ?? "unknown", "\(row.language)/\(row.voice)", "\(row.recordings)",
        row.childFriendly ? "yes" : "",
        row.withdrawn.map { "withdrawn \($0)" } ?? row.consent ?? "none", row.contact ?? "", row.licence ?? "",
      ])
    }
    table.print()
  }
}
