import ArgumentParser
import Diagnostics
import Encoding
import Kit

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List a kit's clips: language, prompt, voice, status, length.",
    discussion: """
        firstword list shelter.kit --language ro
        firstword list shelter.kit --module needs --texts    # with the wordings
        firstword list shelter.kit --status draft --json

      Exit status: 0 done; 1 the kit is damaged; 2 it could not be read, or has no such language, prompt, module or voice.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Option(help: ArgumentHelp("Only this language, by tag or name; may be given again.", valueName: "LANG"))
  var language: [String] = []

  @Option(help: "Only prompts of this module.")
  var module: String?

  @Option(help: ArgumentHelp("Only this prompt, by id or number.", valueName: "ID"))
  var prompt: String?

  @Option(help: "Only this voice.")
  var voice: String?

  @Option(help: "Only draft, reviewed or approved clips.")
  var status: Status?

  @Flag(help: "Show the wordings and their back-translations.")
  var texts = false

  @Flag(help: "JSON output: each clip as in the manifest, with language, module and title.")
  var json = false

  private struct Row: Encodable {
    var language: String
    var module: String
    var title: String
    /// In seconds.
    var length: Double
    var clip: Clip
  }

  func run() throws {
    let file = try openKit(kit)
    try check(file)
    let tags = try file.tags(language)
    let rows = file.bundles.filter { tags.isEmpty || tags.contains($0.tag) }.flatMap { bundle in
      bundle.clips.filter(isWanted).map { clip in
        let prompt = file.manifest.prompt(clip.prompt)
        return Row(
          language: bundle.tag, module: prompt?.module ?? "", title: prompt?.title ?? clip.prompt, length: clip.length,
          clip: clip)
      }
    }.filter { module == nil || $0.module == module }
    if json { return try printJSON(rows) }
    var table = Table(["language", "", "id", "module", "voice", "status", "s", "LUFS", "title"])
    for row in rows {
      table.add([
        row.language, Self.number(row.clip), row.clip.item, row.module,
        row.clip.voice + (row.clip.synthetic && row.clip.voice != "synthetic" ? " synthetic" : ""),
        row.clip.status.rawValue, row.length.tenths, row.clip.loudness.tenths, row.title,
      ])
    }
    if texts { show(rows) } else { table.print() }
    Terminal.remark(
      """
      \(counted(rows.count, "clip")), \(duration(rows.reduce(0) { $0 + $1.length })), \
      \(megabytes(rows.reduce(0) { $0 + $1.clip.bytes }))
      """)
  }

  private func isWanted(_ clip: Clip) -> Bool {
    (prompt.map(clip.isNamed) ?? true)
      && (voice == nil || clip.voice == voice) && (status == nil || clip.status == status)
  }

  /// Throws for a filter that matches nothing in the kit: it is a typing error that an empty list would hide.
  private func check(_ file: KitFile) throws {
    func require(_ name: String?, _ what: String, of known: [String]) throws {
      guard let name, !known.contains(name) else { return }
      throw Failure.impossible("\(kit): no \(what) '\(name)' in it; it has \(known.joined(separator: ", "))")
    }
    var modules: [String] = []
    for prompt in file.manifest.prompts where !modules.contains(prompt.module) { modules.append(prompt.module) }
    try require(module, "module", of: modules)
    let voices = Set(file.bundles.flatMap(\.clips).map(\.voice)).sorted()
    try require(voice, "voice", of: voices)
    if let prompt, !file.bundles.flatMap(\.clips).contains(where: { $0.isNamed(prompt) }) {
      try require(prompt, "prompt", of: file.manifest.prompts.map(\.id))
    }
  }

  /// A formula has no number.
  private static func number(_ clip: Clip) -> String { clip.kind == .formula ? "" : padded(clip.number, 2) }

  private func show(_ rows: [Row]) {
    for row in rows {
      let head = "\(row.language) \(Self.number(row.clip)) \(row.clip.item)"
      print("\(Terminal.paint(head, .bold))  \(row.clip.voice), \(row.clip.status.rawValue)")
      print("   \(row.clip.text)")
      if !row.clip.back.isEmpty { print(Terminal.paint("   = \(row.clip.back)", .faint)) }
    }
  }
}
