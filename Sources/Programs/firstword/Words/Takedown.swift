import ArgumentParser
import Catalogue
import Encoding
import Kit
import KitBuilder
import Posix
import Project

struct Takedown: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a speaker's voice down: list what must go, and remove it.",
    discussion: """
        firstword takedown Iris shelter-1.0.kit shelter-1.1.kit    # looks only
        firstword takedown Iris shelter-1.0.kit shelter-1.1.kit --yes

      With --yes the speaker's entry in speakers.yaml gets the day, so that nothing more is built with the voice; the \
      recordings are removed, and all clips that were kept from before. What cannot be removed is what has left the \
      house: name every kit that you have given away, and the clips in them are listed by their SHA-256 in a file \
      that 'firstword recall add LIST.json --from' takes.

      Copies elsewhere (backups, originals, the history of git) are yours to remove.
      """)

  @Argument(help: "The speaker's pseudonym.")
  var speaker: String

  @Argument(help: "Kits that may hold the voice.")
  var kits: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the list of clips goes; takedown-SPEAKER.json in the project without it.", valueName: "FILE.json"))
  var output: String?

  @Flag(help: "Do it.")
  var yes = false

  @Flag(help: "For machines.")
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
    // Nobody imports the voice while it goes.
    let lock = yes ? try lockProject(project.directory) : nil
    defer { lock?.end() }
    let build = try project.load()
    if build.speakers.entries(of: speaker).isEmpty {
      let known = build.speakers.all.map(\.pseudonym)
      throw Failure.impossible(
        "\(project.path(Speakers.name)) has no speaker '\(speaker)'\(Spelling.hint(speaker, known)); "
          + "'firstword speakers' lists them")
    }
    var open: [KitFile] = []
    for kit in kits { open.append(try KitFile(path: kit)) }
    let takeDown = try TakeDown(speaker, of: build, kits: open)
    let list =
      takeDown.kits.isEmpty ? nil : output ?? project.path("takedown-\(fileName(takeDown.pseudonym)).json")
    if yes {
      // First what others need to know of it.
      if let list {
        let recalled = takeDown.recalled(on: today(), after: try earlier(list))
        try Files.replace(list, with: try Documents.encode(recalled))
      }
      try takeDown.carryOut(on: today(), tags: build.catalogue.languages.map(\.tag), cache: kept.cache)
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

  /// What an earlier take-down has put there: nothing of it is lost.
  private func earlier(_ list: String) throws -> [TakeDown.Recalled] {
    if !Files.exists(list) { return [] }
    let bytes = try Files.read(list)
    do throws(DocumentError) {
      return try Documents.decode([TakeDown.Recalled].self, from: bytes)
    } catch {
      throw Failure.impossible("\(list): there is a file that is no list of clips; say -o FILE.json")
    }
  }

  private func show(_ takeDown: TakeDown, list: String?) {
    for file in takeDown.files { print("\(yes ? "removed" : "would go")  \(file)") }
    for kit in takeDown.kits {
      print("\(kit.path)  \(kit.name): \(kit.clips.count) clips of this voice")
      for clip in kit.clips { print("  \(clip.sha256)  \(clip.file)") }
    }
    if kits.isEmpty {
      Terminal.remark("no kit was looked at: name those that were given away, so that their clips can be recalled")
    }
    if !yes {
      print("Nothing was changed. --yes removes \(takeDown.files.count) files and marks the speaker as withdrawn.")
    } else if let list {
      print("\(list)  the clips to recall: 'firstword recall add recalls.json --from \(list)'")
    }
  }

  /// Letters and digits of ASCII; others become hyphens.
  private func fileName(_ pseudonym: String) -> String {
    String(pseudonym.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }
}

struct SpeakersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speakers", abstract: "List whose voices a project's recordings are.",
    discussion: "They are written into speakers.yaml in the project: pseudonyms, never real names.")

  @Flag(help: "For machines.")
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
    let build = try project.load()
    let counts = Dictionary(grouping: build.tree.takes.filter { $0.voice != Take.synthetic }) {
      "\($0.language)/\($0.voice)"
    }
    var rows = build.speakers.all.map { speaker in
      Row(
        pseudonym: speaker.pseudonym, language: speaker.language, voice: speaker.voice,
        childFriendly: speaker.isForChildren, consent: speaker.consent, withdrawn: speaker.withdrawn,
        licence: speaker.licence, contact: speaker.contact,
        recordings: counts["\(speaker.language)/\(speaker.voice)", default: []].count)
    }
    for (_, takes) in counts.sorted(by: { $0.key < $1.key }) {
      let take = takes[0]
      if build.speakers.speaker(of: take.language, voice: take.voice) != nil { continue }
      rows.append(
        Row(language: take.language, voice: take.voice, childFriendly: false, recordings: takes.count))
    }
    if json { return try printJSON(rows) }
    if rows.isEmpty { return print("nobody yet: write the speakers into \(project.path(Speakers.name))") }
    var table = Table(["speaker", "voice", "recordings", "children", "consent", "contact", "licence"])
    for row in rows {
      table.add([
        row.pseudonym ?? "nobody known", "\(row.language)/\(row.voice)", "\(row.recordings)",
        row.childFriendly ? "yes" : "",
        row.withdrawn.map { "taken back \($0)" } ?? row.consent ?? "none", row.contact ?? "", row.licence ?? "",
      ])
    }
    table.print()
  }
}
