import Foundation
import Posix
import TestSupport
import Testing

@Suite("The man pages", .enabled(if: Program.isInstalled("groff"), "groff is not installed: apt-get install groff"))
struct ManPageTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// Runs a program to its end.
  ///
  /// - Returns: what it wrote to both streams, and its exit status.
  private func run(_ program: String, _ arguments: [String]) throws -> (output: String, status: Int) {
    let outcome = try ChildProcess.run(program, arguments, seconds: 300)
    return (outcome.output, outcome.code)
  }

  /// Writes the pages of the built programs, and returns their directory.
  private func pages() throws -> String {
    let directory = place.directory + "/man"
    let written = try run(SourceTree.path + "/Hardware/man", ["\(try Files.programDirectory())", directory])
    #expect(written.status == 0, "\(written.output)")
    return directory
  }

  @Test("are written for the three programs and every command, and groff has no warning about any")
  func warnings() throws {
    let directory = try pages()
    #expect(try Files.list(directory + "/man8") == ["firstword-sync.8", "firstwordd.8"])
    let names = try Files.list(directory + "/man1")
    for name in ["firstword.1", "firstword-record.1", "firstword-card.1", "firstword-words-export.1"] {
      #expect(names.contains(name))
    }
    let others = ["firstword-sync.8", "firstwordd.8"].map { "\(directory)/man8/\($0)" }
    for path in names.map({ "\(directory)/man1/\($0)" }) + others {
      let checked = try run("groff", ["-man", "-ww", "-z", "-Kutf8", "-Tutf8", path])
      #expect(checked.status == 0 && checked.output.isEmpty, "\(path): \(checked.output)")
    }
  }

  @Test("have every subcommand of the help on a page of its own")
  func complete() throws {
    let names = try Files.list(try pages() + "/man1")
    let help = try place.run("help").output
    let commands = help.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first }
      .filter { word in word != "firstword" && word.allSatisfy { $0.isLowercase || $0 == "-" } && !word.hasPrefix("-") }
    #expect(commands.count > 30)
    for command in commands { #expect(names.contains("firstword-\(command).1"), "\(command)") }
  }

  @Test("show an option with its value, its default and an example as the help has them")
  func content() throws {
    let page = try pages() + "/man1/firstword-record.1"
    let shown = try run("groff", ["-man", "-Kutf8", "-Tascii", "-P-cbou", page]).output
    for text in ["--voice VOICE", "(default: default)", "firstword record ro/safe-here", "FIRSTWORD-RECORD(1)"] {
      #expect(shown.contains(text), "\(text) in \(shown)")
    }
  }
}
