import Channel
import Glibc
import Posix
import Sync

/// The shipped client of channels, as the conformance tests of The Update Framework call it:
///
///     tuf-client --metadata-dir DIR [--metadata-url URL] init ROOT | refresh | download
///
/// `download` takes `--target-name NAME` (also several), `--target-base-url URL` and `--target-dir DIR`. `--stalled SECONDS`
/// gives a stalled transfer up earlier. Exit status: 0 done; 1 refused, or failed.
@main
struct TUFClient {
  private var options: [String: [String]] = [:]
  private var words: [String] = []

  static func main() {
    var client = TUFClient()
    var arguments = CommandLine.arguments.dropFirst()
    while let word = arguments.popFirst() {
      if word.hasPrefix("--") {
        client.options[String(word.dropFirst(2)), default: []].append(arguments.popFirst() ?? "")
      } else {
        client.words.append(word)
      }
    }
    do { try client.run() } catch {
      let line = Array("tuf-client: \(error)\n".utf8)
      _ = write(2, line, line.count)
      exit(1)
    }
  }

  private struct Misuse: Error, CustomStringConvertible {
    let description: String
  }

  private func option(_ name: String) throws -> String {
    guard let value = options[name]?.last else { throw Misuse(description: "--\(name) is missing") }
    return value
  }

  private func run() throws {
    let folder = MetadataFolder(try option("metadata-dir"))
    if words.first == "init", words.count == 2 {
      try folder.initialize(root: try Files.read(words[1], limit: ChannelLimit.root))
      return
    }
    guard words == ["refresh"] || words == ["download"] else {
      throw Misuse(description: "the command is init ROOT, refresh or download")
    }
    var policy = Transfer.Policy()
    if let seconds = options["stalled"]?.last.flatMap({ Int($0) }) { policy.stalled = seconds }
    let metadata = try option("metadata-url")
    let source = WebSource(
      metadata: metadata, targets: options["target-base-url"]?.last ?? metadata, try Transfer(policy), policy)
    var client = try folder.client(now: .now, expiry: .strict)
    try folder.advance(&client, from: source)
    if words == ["refresh"] { return }
    let downloads = Downloads(try option("target-dir"))
    for name in options["target-name"] ?? [] {
      client.search(for: name)
      try folder.advance(&client, from: source)
      _ = try downloads.fetch(try client.target(name), as: ChannelName.encoded(name), from: source)
    }
  }
}
