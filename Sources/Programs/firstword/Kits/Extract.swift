import ArgumentParser
import Glibc
import Kit
import Posix

struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take clips, texts and manifests out of a kit.",
    discussion: """
        firstword extract shelter.kit -o out               # all of it
        firstword extract shelter.kit ro -o out            # one language
        firstword extract shelter.kit ro/safe-here -o out  # one prompt, all voices

      Clips lie as in the kit, languages/TAG/VOICE/NN-ID.opus, with their tags; beside each language its bundle.json \
      with signatures, and texts.txt to read. Every clip is checked against its hash. Nothing that is there is replaced \
      without --force, and nothing is written outside the directory, whatever links lie in it.

      Exit status: 0 done; 1 the kit is damaged; 2 it could not be done.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Argument(help: ArgumentHelp("What of it; everything without.", valueName: "LANG[/PROMPT]"))
  var part: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Directory to write to; it is made.", valueName: "DIR"))
  var output: String

  @Flag(help: "Replace files that are there.")
  var force = false

  func run() throws {
    let file = try openKit(kit)
    let bundles = try wanted(file)
    // All is read and checked before anything is written.
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
    print("\(output)  \(clips) clips in \(bundles.count) languages, \(files.count) files")
  }

  /// The bundles that are wanted, each with the clips that are.
  private func wanted(_ file: KitFile) throws -> [BundleManifest] {
    guard let part else { return file.bundles }
    let words = part.split(separator: "/", maxSplits: 1).map(String.init)
    guard let tag = words.first, var bundle = file.bundle(tag) else {
      throw Failure.impossible(
        "\(kit): no language '\(part)' in it; it has \(file.bundles.map(\.tag).joined(separator: ", "))")
    }
    guard words.count == 2 else { return [bundle] }
    let prompts = bundle.clips.map(\.prompt)
    bundle.clips = bundle.clips.filter { $0.prompt == words[1] || $0.number == Int(words[1]) }
    if bundle.clips.isEmpty {
      throw Failure.impossible("\(kit): \(tag) has no prompt '\(words[1])'; it has \(prompts.joined(separator: ", "))")
    }
    return [bundle]
  }

  /// For people: number, id, voice and status; the words; what they mean.
  private static func texts(_ bundle: BundleManifest) -> String {
    "\(bundle.english) (\(bundle.autonym), \(bundle.tag))\n"
      + bundle.clips.map { clip in
        "\n\(clip.file.split(separator: "/").last ?? ""): \(clip.voice), \(clip.status.rawValue)\n\(clip.text)\n"
          + (clip.back.isEmpty ? "" : "= \(clip.back)\n")
      }.joined()
  }

  private func write(_ files: [(name: String, content: [UInt8])]) throws {
    let directories = Set(files.map { Path($0.name).parent.string })
    for directory in directories { try refuseLinks(directory) }
    if !force, let there = files.first(where: { exists("\(output)/\($0.name)") }) {
      throw Failure.impossible("\(output)/\(there.name): it is there already; name another directory, or say --force")
    }
    for directory in directories.sorted() {
      try Files.makeDirectory(directory == "." ? output : "\(output)/\(directory)")
    }
    for file in files { try Files.replace("\(output)/\(file.name)", with: file.content) }
  }

  /// A link in the way of a directory of ours could lead anywhere. lstat(2)
  private func refuseLinks(_ directory: String) throws {
    var path = output
    for part in directory.split(separator: "/") where part != "." {
      path += "/\(part)"
      var status = stat()
      if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
        throw Failure.impossible(
          "\(path): a link or file where a directory belongs; remove it, or name another directory")
      }
    }
  }

  /// Also a link that leads nowhere is there.
  private func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }
}
