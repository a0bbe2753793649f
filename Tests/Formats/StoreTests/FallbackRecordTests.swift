import Glibc
import Posix
import Testing

@testable import Store

@Suite("The daemon's record of fallbacks")
struct FallbackRecordTests {
  private let directory: ScratchDirectory
  private let record: FallbackRecord
  private var file: String { directory.file("state/fallbacks.json") }

  init() throws {
    directory = try ScratchDirectory()
    try Files.makeDirectory(directory.file("state"))
    record = FallbackRecord(directory.file("state"))
  }

  @Test("has a line for each change, from the first fallback on, and none where nothing changed")
  func changes() throws {
    try record.note(kit: "a 1.0", reasons: [], at: WallTime(milliseconds: 1))
    #expect(record.entries().isEmpty && !Files.exists(file))
    for time in 2...3 {
      try record.note(kit: "a 1.0", reasons: ["a 1.1 is damaged"], at: WallTime(milliseconds: Int64(time)))
    }
    #expect(record.current?.time == WallTime(milliseconds: 2) && record.current?.reasons == ["a 1.1 is damaged"])
    try record.note(kit: nil, reasons: ["recalled"], at: WallTime(milliseconds: 4))
    for version in ["1.2", "1.3"] { try record.note(kit: "a \(version)", reasons: [], at: WallTime(milliseconds: 5)) }
    #expect(record.entries().map(\.kit) == ["a 1.0", nil, "a 1.2"])
    #expect(record.current == nil)
  }

  @Test("keeps the last fifty, whatever the reasons hold, and begins anew where its file is damaged")
  func bounds() throws {
    let strange = String(repeating: "\u{7}\u{202E}", count: 5_000)
    for number in 1...60 {
      try record.note(kit: "a \(number)", reasons: Array(repeating: strange, count: 20), at: .now)
    }
    #expect(record.entries().count == 50 && record.entries().last?.kit == "a 60")
    #expect(record.current?.reasons.count == 8)
    try Files.replace(file, with: [0x7B])
    #expect(record.entries().isEmpty)
    try record.note(kit: "a 61", reasons: ["x"])
    #expect(record.entries().count == 1)
    #expect(unlink(file) == 0 && symlink("/etc/passwd", file) == 0)
    #expect(record.entries().isEmpty)
  }
}
