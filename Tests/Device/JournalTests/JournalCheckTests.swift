import Encoding
import Foundation
import Journal
import Posix
import Testing

/// Whatever is done to a line of a journal, it is found, and where.
@Suite("Tampering with a journal")
struct JournalCheckTests {
  private let diary: Diary
  private let lines: [[UInt8]]

  init() throws {
    diary = try Diary()
    try diary.writeContact()
    diary.restart("boot-2")
    try diary.writeContact()
    lines = try diary.lines()
  }

  /// What is found when these lines stand in the file.
  private func findings(_ lines: [[UInt8]]) throws -> [JournalReading.Finding] {
    try diary.replace(lines)
    return try diary.read().findings
  }

  private func object(_ line: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
  }

  private func text(_ object: [String: Any]) throws -> [UInt8] {
    [UInt8](try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]))
  }

  /// Returns the event of a line with a text appended to one of its keys, whether that fits the event or not.
  private func event(of line: [UInt8], _ key: String, appending text: String) throws -> JournalEvent {
    let event = try JSONDecoder().decode(UnknownEvent.self, from: Data(line))
    var fields = event.fields
    fields[key] = .text((fields[key].map { "\($0)" } ?? "") + text)
    return .unknown(UnknownEvent(name: event.name, fields: fields))
  }

  @Test("each field of each line changed: found at its line, and nowhere else")
  func changed() throws {
    var count = 0
    for index in lines.indices {
      for key in try object(lines[index]).keys {
        var object = try object(lines[index])
        switch object[key] {
        case let number as NSNumber: object[key] = number.int64Value + 1
        case let text as String: object[key] = text == "yes" ? "no" : text + "x"
        default: Issue.record("\(key)")
        }
        var changed = lines
        changed[index] = try text(object)
        let found = try findings(changed)
        #expect(found.map(\.place) == [index + 1], "\(key) of line \(index + 1): \(found)")
        count += 1
      }
    }
    #expect(count > 200)
  }

  @Test("each field of each line but the last changed, and its own hash made right: found at the line behind")
  func changedAndSealed() throws {
    for index in lines.indices.dropLast() {
      let entry = try Documents.decode(JournalEntry.self, from: lines[index])
      var others = [JournalEntry](repeating: entry, count: 6)
      others[0].event = try event(of: lines[index], "detail", appending: "x")
      others[1].time = "2026-03-01T09:00:00.000Z"
      others[2].monotonic += 1
      others[3].boot += "x"
      others[4].event = .unknown(UnknownEvent(name: "selfie"))
      others[5].event = try event(of: lines[index], "language", appending: "vi")
      for other in others {
        var changed = lines
        changed[index] = try other.line()
        let found = try findings(changed)
        #expect(found.map(\.place) == [index + 2], "line \(index + 1): \(found)")
      }
    }
  }

  @Test("each line removed: found where it is missing")
  func removed() throws {
    for index in lines.indices.dropLast() {
      var changed = lines
      changed.remove(at: index)
      let found = try findings(changed)
      #expect(found.map(\.place) == [index + 1])
      #expect(found.first?.what.contains("line \(index + 1)") == true)
      #expect(found.first?.what.contains("missing") == true)
    }
  }

  @Test("the last lines removed: found by whoever noted the last hash")
  func lastRemoved() throws {
    let hash = try #require(try diary.read().head?.hash)
    try diary.replace(Array(lines.dropLast()))
    #expect(try diary.read().findings.isEmpty)
    #expect(try !diary.read().holds(hash))
  }

  @Test("each line swapped with the next: found")
  func swapped() throws {
    for index in lines.indices.dropLast() {
      var changed = lines
      changed.swapAt(index, index + 1)
      let found = try findings(changed)
      #expect(!found.isEmpty)
      #expect(found.first?.place == index + 1)
      #expect(found.allSatisfy { abs($0.place - index - 2) <= 1 }, "\(found)")
    }
  }

  @Test("each line given twice: found at the second")
  func duplicated() throws {
    for index in lines.indices {
      var changed = lines
      changed.insert(lines[index], at: index + 1)
      let found = try findings(changed)
      #expect(found.map(\.place) == [index + 2], "\(found)")
      #expect(found.first?.what.contains("twice") == true)
    }
  }

  @Test("a line put between any two: found, whether it is garbage or made with care")
  func added() throws {
    for index in lines.indices.dropFirst() {
      var entry = try Documents.decode(JournalEntry.self, from: lines[index])
      entry.event = Diary.answer("need-doctor", .yes)
      for line in [Array("garbage".utf8), [], try entry.line()] {
        var changed = lines
        changed.insert(line, at: index)
        let found = try findings(changed)
        #expect(
          !found.isEmpty && found.allSatisfy { ($0.place - index - 1) <= 1 }, "before line \(index + 1): \(found)")
      }
    }
    #expect(try !findings(lines + [Array("garbage".utf8)]).isEmpty)
    #expect(try findings(lines).isEmpty)
  }

  @Test("a journal that was written anew from one line on: found by whoever noted a hash of before")
  func rewritten() throws {
    let hash = try #require(try diary.read().head?.hash)
    try FileManager.default.removeItem(atPath: diary.path)
    try diary.writeContact()
    #expect(try diary.read().findings.isEmpty)
    #expect(try !diary.read().holds(hash))
  }

  @Test("each single line changed, removed or swapped at the seams of several files: found; files in any order")
  func seams() throws {
    let diary = try Diary()
    do {
      let file = try diary.open(.init(size: 64_000))
      diary.write(file, Diary.ready)
      for _ in 0..<80 { diary.write(file, Diary.started("safe-here")) }
    }
    let files = try diary.read().files
    try #require(files.count >= 4)
    #expect(try JournalReading(files.reversed()).findings.isEmpty)
    for (index, path) in files.enumerated() {
      let whole = try Files.read(path)
      let lines = whole.split(separator: 0x0A).map(Array.init)
      func found(_ lines: [[UInt8]]) throws -> [JournalReading.Finding] {
        try Files.replace(path, with: Array(lines.map { $0 + [0x0A] }.joined()))
        defer { try? Files.replace(path, with: whole) }
        return try diary.read().findings
      }
      #expect(try !found(Array(lines.dropFirst())).isEmpty)
      if index < files.count - 1 { #expect(try !found(Array(lines.dropLast())).isEmpty) }
      if index < files.count - 1 { #expect(try !found([]).isEmpty) }
      for place in [0, lines.count - 1] {
        var changed = lines
        changed[place][20] ^= 1
        #expect(try found(changed).count == 1)
      }
    }
    // A file that is not named.
    #expect(try JournalReading([files[0]] + files[2...]).findings.count == 1)
    #expect(try JournalReading(Array(files.dropFirst())).findings.count == 1)
    #expect(try JournalReading(Array(files.dropLast())).findings.isEmpty)
    // A file that is named twice.
    #expect(try !JournalReading(files + [files[1]]).findings.isEmpty)
  }

  @Test("files of strangers: whatever the bytes are, they are findings at the most")
  func hostile() throws {
    for bytes in [
      [], [0x0A], [0x0A, 0x0A], [0x00], [UInt8](repeating: 0, count: 100_000), Array("{\"number\":1}\n".utf8),
      Array("[[[[".utf8), [0xFF, 0xFE, 0x0A],
      lines[0] + [0x0A] + [UInt8](repeating: UInt8(ascii: "["), count: 200_000) + [0x0A],
    ] as [[UInt8]] {
      try Files.replace(diary.path, with: bytes)
      let reading = try diary.read()
      #expect(JournalSession.all(in: reading.entries).isEmpty)
    }
  }
}
