import Foundation
import Posix
import TestSupport
import Testing

/// A command of `--experimental-dump-help`.
private struct HelpCommand: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable { let name: String }
    let names: [Name]?
  }

  let commandName: String
  let subcommands: [HelpCommand]?
  let arguments: [Argument]?

  var options: Set<String> { Set((arguments ?? []).flatMap { $0.names ?? [] }.map(\.name)) }
}

private struct HelpDump: Decodable { let command: HelpCommand }

@Suite("Commands in the READMEs")
struct ReadmeCommandTests {
  private static func help(_ program: String) throws -> HelpCommand {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending(program).string)
    process.arguments = ["--experimental-dump-help"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try #require(try output.fileHandleForReading.readToEnd())
    process.waitUntilExit()
    return try JSONDecoder().decode(HelpDump.self, from: bytes).command
  }

  @Test(
    "every command and option that a README shows exists",
    arguments: [
      "README.md", "Hardware/README.md", "Languages/README.md", "Prompts/README.md", "Tests/README.md",
      "Sources/Trainer/ChannelPublisher/README.md",
    ])
  func commands(_ path: String) throws {
    let programs = ["firstword": try Self.help("firstword"), "firstwordd": try Self.help("firstwordd")]
    let text = String(decoding: try Files.read(SourceTree.path + "/" + path), as: UTF8.self)
    var count = 0
    for line in text.split(separator: "\n") where line.hasPrefix("    ") {
      // In lists, commands are indented further.
      let line = line.drop { $0 == " " }
      guard line.hasPrefix("firstword ") || line.hasPrefix("firstwordd ") else { continue }
      let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
      var command = try #require(programs[words[0]], "\(path): \(line)")
      var rest = words.dropFirst()
      while let word = rest.first, let next = command.subcommands?.first(where: { $0.commandName == word }) {
        command = next
        rest = rest.dropFirst()
      }
      // A command with subcommands may have a default one; `words ti` is `words show ti`.
      let options = (command.subcommands ?? []).reduce(command.options) { $0.union($1.options) }
      if words[0] == "firstword" { #expect(command.commandName != "firstword", "\(path): \(line)") }
      for option in rest where option.hasPrefix("-") {
        #expect(options.contains(String(option.drop { $0 == "-" })), "\(path): \(option) in \(line)")
      }
      count += 1
    }
    #expect(count > 1)
  }
}
