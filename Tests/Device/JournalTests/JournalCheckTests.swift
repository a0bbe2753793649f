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

  @Test("files of strangers: whatever the bytes are, they are findings, or no journal")
  func hostile() throws {
    for bytes in [
      [], [0x0A], [0x0A, 0x0A], [0x00], [UInt8](repeating: 0, count: 100_000), Array("{\"number\":1}\n".utf8),
      Array("[[[[".utf8), [0xFF, 0xFE, 0x0A],
      lines[0] + [0x0A] + [UInt8](repeating: UInt8(ascii: "["), count: 200_000) + [0x0A],
    ] as [[UInt8]] {
      try Files.replace(diary.path, with: bytes)
      do {
        #expect(JournalSession.all(in: try diary.read().entries).isEmpty)
      } catch { #expect(error as? JournalError == .noJournal(path: diary.path)) }
    }
  }

  // MARK: Extreme numbers

  /// Numbers near every limit of the types that hold them.
  private static let extremes: [Int] = [
    .min, .min + 1, -1, 0, 1, 2, 999_999_999, 1_000_000_000, 9_999_999_998, 9_999_999_999, 10_000_000_000,
    1_000_000_000_000, .max - 1, .max,
  ]

  private func line(_ number: Int, monotonic: Int64 = 1, _ event: JournalEvent) throws -> [UInt8] {
    var entry = JournalEntry(number: number, previous: JournalEntry.firstPrevious, at: diary.moment, event)
    entry.monotonic = monotonic
    return try entry.line()
  }

  @Test("lines with extreme numbers are read, judged and counted, and never trap or hang")
  func extremes() throws {
    for first in Self.extremes {
      for second in Self.extremes {
        try diary.replace([
          try line(first, .started(Diary.message("safe-here"))), try line(second, .language("ro")),
        ])
        let reading = try diary.read()
        #expect(!reading.findings.isEmpty, "\(first), \(second)")
        #expect(reading.entries.allSatisfy { JournalEntry.numbers.contains($0.number) })
        _ = JournalSession.all(in: reading.entries)
        _ = JournalStatistics([reading], isExact: true)
      }
    }
  }

  @Test("extreme times, lengths and removals neither trap nor are calculated with")
  func extremeTimes() throws {
    let message = Diary.message("safe-here")
    var lines: [[UInt8]] = []
    for extreme in Self.extremes {
      let removal = JournalRemoval(through: extreme, hash: "", reason: .days)
      lines += [
        try line(1, monotonic: Int64(extreme), .started(message)),
        try line(2, monotonic: Int64(extreme), .ended(message, .stopped, heard: extreme)),
        try line(3, .removed(removal)),
      ]
    }
    for time in ["0000-00-00T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "now"] {
      var entry = JournalEntry(number: 4, previous: "", at: diary.moment, .started(message))
      entry.time = time
      lines.append(try entry.line())
    }
    try diary.replace(lines)
    let reading = try diary.read()
    let sessions = JournalSession.all(in: reading.entries)
    let breaks = JournalBreak.all(in: reading.entries)
    for session in sessions { _ = session.clockRemarks(breaks) }
    _ = breaks.map(\.description)
    #expect(sessions.flatMap(\.acts).compactMap(\.heard).allSatisfy { (0...86_400_000).contains($0) })
    _ = JournalStatistics([reading], isExact: true)
  }

  @Test("a device goes on after a tail with any number, and its own lines can be read")
  func extremeTails() throws {
    for extreme in Self.extremes {
      try diary.replace([try line(1, .language("ro")), try line(extreme, .language("ro"))])
      diary.write(try diary.open(), Diary.ready, .terminated)
      let entries = try diary.read().entries.suffix(2)
      #expect(entries.map(\.event) == [Diary.ready, .terminated], "\(extreme)")
      #expect(entries.allSatisfy { $0.number < 2_000_000_000 }, "\(extreme)")
    }
  }

  @Test("a hundred thousand messages that begin and never end are read in seconds")
  func manyOpenMessages() throws {
    let entries = (0..<100_000).map { index in
      let message = Diary.message("prompt-\(index % 50_000)")
      return JournalEntry(
        number: index + 1, previous: "", at: diary.moment,
        index < 50_000 ? .started(message) : .ended(message, .completed, heard: 1))
    }
    let began = Monotonic.now
    let acts = JournalSession.all(in: entries).flatMap(\.acts)
    #expect(acts.count == 50_000 && acts.allSatisfy { $0.outcome == .completed })
    #expect(Monotonic.now.since(began) < 20_000_000_000)
  }

  // MARK: No journal

  @Test(
    "a file that is no journal is refused, and is not reported as one that was changed",
    arguments: ["hello\n", "{}\n", "{\"format\":\"firstword-kit/1\"}", "PK\u{3}\u{4}", "\n", "a,b\n1,2\n"])
  func noJournal(_ content: String) throws {
    try Files.replace(diary.path, with: Array(content.utf8))
    #expect(throws: JournalError.noJournal(path: diary.path)) { try JournalReading([diary.path]) }
    #expect(throws: JournalError.noJournal(path: diary.path)) { try JournalReading.journals([diary.path]) }
  }

  @Test("beside files of a journal, a file of zeros is one that was damaged")
  func zeroedFile() throws {
    let zeros = diary.path + ".0000000001"
    try Files.replace(zeros, with: [UInt8](repeating: 0, count: 4096) + [0x0A])
    let reading = try JournalReading([zeros, diary.path])
    #expect(reading.findings.contains { $0.file == zeros })
    #expect(!reading.entries.isEmpty)
  }

  @Test("an empty file, a torn first line, and a journal with one readable line are journals")
  func almostNoJournal() throws {
    let first = lines[0]
    for content in [[], Array(first.prefix(1)), Array(first.prefix(5)), Array(first.prefix(60))] {
      try Files.replace(diary.path, with: content)
      #expect(try JournalReading([diary.path]).findings.isEmpty, "\(content.count)")
    }
    try diary.replace([Array("hello".utf8), first])
    #expect(try !JournalReading([diary.path]).findings.isEmpty)
  }
}
