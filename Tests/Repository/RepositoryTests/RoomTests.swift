import Foundation
import TestSupport
import Testing

/// Sources/README.md, held against the sources.
@Suite("Rooms")
struct RoomTests {
  private static let sources = SourceTree.path + "/Sources"

  private static func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  private static func directories(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter {
      var isDirectory: ObjCBool = false
      return FileManager.default.fileExists(atPath: path + "/" + $0, isDirectory: &isDirectory) && isDirectory.boolValue
    }
  }

  @Test("every module has a row in its room, and imports only what the room may import")
  func sources() throws {
    let table = RoomTable(try Self.read(Self.sources + "/README.md"))
    #expect(table.imports.count == 7)
    var directories: [(room: String, module: String)] = []
    for room in try Self.directories(in: Self.sources) {
      for module in try Self.directories(in: "\(Self.sources)/\(room)") { directories.append((room, module)) }
    }
    var files: [String: String] = [:]
    let all = try #require(FileManager.default.enumerator(atPath: Self.sources))
    for case let path as String in all where path.hasSuffix(".swift") {
      files[path] = try Self.read("\(Self.sources)/\(path)")
    }
    #expect(files.count > 300)
    #expect(table.violations(directories: directories, files: files) == [])
  }

  @Test("the targets of Package.swift are named as their directories")
  func package() throws {
    let text = try Self.read(SourceTree.path + "/Package.swift")
    let target = /name: "(\w+)",[^"]*?(?:dependencies: \[[^\]]*\],\s*)?path: "(Sources\/[^"\\]+)"/
    let targets = text.matches(of: target).map { (name: String($0.1), path: String($0.2)) }
    #expect(targets.count > 20)
    for target in targets { #expect(target.path.hasSuffix("/" + target.name)) }
  }

  @Test("programs write to the terminal in one place each, which takes printable texts only")
  func output() throws {
    let writers = [
      "firstword/Terminal/Terminal.swift", "firstwordd/Readiness.swift", "firstword-sync/Output.swift",
    ]
    let ways = ["Swift.print(", "fputs(", "FileHandle.standard", "Glibc.write(", "debugPrint(", "putchar(", "dprintf"]
    let programs = Self.sources + "/Programs"
    let all = try #require(FileManager.default.enumerator(atPath: programs))
    for case let path as String in all where path.hasSuffix(".swift") && !writers.contains(path) {
      let text = try Self.read("\(programs)/\(path)")
      for way in ways { #expect(!text.contains(way), "\(path): \(way)") }
    }
    for path in writers {
      #expect(try Self.read("\(programs)/\(path)").contains("@available(*, unavailable"), "\(path)")
    }
  }

  // MARK: Planted violations

  private static let table = RoomTable(
    """
    | Room | Runs on | Purpose | May import |
    |---|---|---|---|
    | `Base` | everywhere | Basics. | `Base` `Glibc` |
    | `Device` | the device | The daemon. | `Base` `Device` `Glibc` |
    | `Trainer` | a laptop | Kits. | `Base` `Trainer` `Journal` `Foundation` |

    | Module | Never imports, directly or through others | Reason |
    |---|---|---|
    | `Playback` | `Console` | A rule. |

    | Module | Room | Purpose |
    |---|---|---|
    | `Posix` | `Base` | calls |
    | `Playback` | `Device` | sound |
    | `Console` | `Device` | states |
    | `Journal` | `Device` | lines |
    | `Catalogue` | `Trainer` | words |
    """)

  private static let modules = [
    ("Base", "Posix"), ("Device", "Playback"), ("Device", "Console"), ("Device", "Journal"), ("Trainer", "Catalogue"),
  ]

  private func violations(_ files: [String: String], _ directories: [(String, String)] = modules) -> [String] {
    Self.table.violations(directories: directories.map { (room: $0.0, module: $0.1) }, files: files)
  }

  @Test("allowed imports are no violation")
  func allowed() {
    #expect(Self.table.faults == [])
    #expect(
      violations([
        "Base/Posix/Path.swift": "import Glibc", "Device/Playback/Player.swift": "import Posix\nimport Glibc",
        "Trainer/Catalogue/Prompt.swift": "import Journal\n@preconcurrency import Foundation\n",
      ]) == [])
  }

  @Test(
    "a forbidden or unknown import is found",
    arguments: [
      ("Device/Console/Console.swift", "import Catalogue", "is in Trainer: Device may not import it"),
      ("Device/Console/Console.swift", "private import struct Foundation.Date", "Device may not import"),
      ("Trainer/Catalogue/Prompt.swift", "@testable import Playback", "is in Device: Trainer may not import it"),
      ("Base/Posix/Path.swift", "import Posix\nimport Network", "is in no table"),
    ])
  func forbidden(_ path: String, _ source: String, _ reason: String) {
    let found = violations([path: source])
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix(path) == true)
    #expect(found.first?.hasSuffix(reason) == true)
  }

  @Test("an import that a rule forbids is found through other modules")
  func indirect() {
    #expect(
      violations([
        "Device/Playback/Player.swift": "import Journal", "Device/Journal/JournalFile.swift": "import Console",
      ]) == ["Playback: must never import Console: Playback → Journal → Console"])
  }

  @Test("a module without a row, in another room, or without a directory is found")
  func misplaced() {
    #expect(
      violations([:], Self.modules.dropLast(2) + [("Base", "Catalogue"), ("Base", "Paint")]) == [
        "Base/Catalogue: the table has it in Trainer", "Base/Paint: no row in the table",
        "Device/Journal: a row in the table, but no directory",
      ])
  }

  @Test("a source file outside of a room is found")
  func outside() {
    #expect(violations(["Attic/Old/Thing.swift": ""]) == ["Attic/Old/Thing.swift: not in a room"])
  }
}
