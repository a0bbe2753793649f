import ArgumentParser
import Diagnostics
import Glibc
import Kit
import Posix

struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Extract clips, texts and manifests from a kit.",
    discussion: """
        firstword extract shelter.kit -o out               # all of it
        firstword extract shelter.kit ro -o out            # one language
        firstword extract shelter.kit ro/safe-here -o out  # one prompt, all voices

      Clips keep their names in the kit, languages/TAG/VOICE/NN-ID.opus. Each language has its bundle.json with \
      signatures, and texts.txt for people. Every clip is verified against its hash. Existing files are replaced only \
      with --force, and nothing is written outside the directory, whatever links are in it.

      Exit status: 0 done; 1 the kit is damaged; 2 failed.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Argument(
    help: ArgumentHelp(
      "A language, by tag or name, or a prompt of it; default: everything.", valueName: "LANG[/PROMPT]"))
  var part: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Output directory; created if missing.", valueName: "DIR"))
  var output: String

  @Flag(help: "Replace existing files.")
  var force = false

  func run() throws {
    let file = try openKit(kit)
    let bundles = try wanted(file)
    // Read and verify everything before writing anything.
    var files: [(name: String, content: [UInt8])] = []
    do throws(KitError) {
      for document in try file.documents()
      where document.name == KitLayout.manifest
        || bundles.contains(where: { KitLayout.bundle($0.tag) == document.name })
      {
        files.append((document.name, document.text))
        files += document.signatures.map { ($0.entry, $0.signature.file) }
      }
      for bundle in bundles {
        files.append(("languages/\(bundle.tag)/texts.txt", Array(Self.texts(bundle).utf8)))
        for clip in bundle.clips { files.append((clip.file, try file.bytes(of: clip))) }
      }
    } catch { throw Failure.wrong("\(error)") }
    try write(files)
    let clips = bundles.reduce(0) { $0 + $1.clips.count }
    print(
      "\(output)  \(counted(clips, "clip")) in \(counted(bundles.count, "language")), \(counted(files.count, "file"))")
  }

  /// Returns the selected bundles, each with the selected clips.
  private func wanted(_ file: KitFile) throws -> [BundleManifest] {
    guard let part else { return file.bundles }
    let words = part.split(separator: "/", maxSplits: 1).map(String.init)
    var bundle = try file.language(words.first ?? "")
    guard words.count == 2 else { return [bundle] }
    let prompts = bundle.clips.map(\.item)
    bundle.clips = bundle.clips.filter { $0.isNamed(words[1]) }
    if bundle.clips.isEmpty {
      throw Failure.impossible(
        "\(kit): \(bundle.tag) has no prompt '\(words[1])'; it has \(prompts.joined(separator: ", "))")
    }
    return [bundle]
  }

  /// Returns a text for people: for each clip its file, voice and status, wording and back-translation.
  private static func texts(_ bundle: BundleManifest) -> String {
    "\(bundle.english) (\(bundle.autonym), \(bundle.tag))\n"
      + bundle.clips.map { clip in
        "\n\(clip.file.split(separator: "/").last ?? ""): \(clip.voice), \(clip.status.rawValue)\n\(clip.text)\n"
          + (clip.back.isEmpty ? "" : "= \(clip.back)\n")
      }.joined()
  }

  private func write(_ files: [(name: String, content: [UInt8])]) throws {
    let directories = Set(files.map { Path($0.name).parent.string })
    let output = Path(self.output)
    for directory in directories { try refuseLinks(directory) }
    if !force, let existing = files.first(where: { exists(output.appending($0.name)) }) {
      throw Failure.impossible(
        "\(output.appending(existing.name)): it exists; name another directory, or use --force")
    }
    for directory in directories.sorted() {
      try Files.makeDirectory(directory == "." ? output : output.appending(directory))
    }
    for file in files { try Files.replace(output.appending(file.name), with: file.content) }
  }

  /// Throws if a part of `directory` exists in the output and is no directory: a link could lead anywhere. lstat(2)
  private func refuseLinks(_ directory: String) throws {
    var path = Path(output)
    for part in directory.split(separator: "/") where part != "." {
      path = path.appending(String(part))
      var status = stat()
      if lstat(path.string, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
        throw Failure.impossible(
          "\(path): a link or file in place of a directory; remove it, or name another directory")
      }
    }
  }

  /// Returns whether the path exists, even as a broken link. lstat(2)
  private func exists(_ path: Path) -> Bool {
    var status = stat()
    return lstat(path.string, &status) == 0
  }
}
