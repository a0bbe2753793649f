import Encoding
import Foundation
import Journal
import Posix
import Testing

@Suite("The journal's file")
struct JournalFileTests {
  private let diary: Diary

  init() throws { diary = try Diary() }

  @Test("goes on where it ended, and is whole")
  func goesOn() throws {
    try diary.writeContact()
    diary.restart("boot-2")
    try diary.writeContact()
    let reading = try diary.read()
    #expect(reading.findings.isEmpty && reading.remarks.isEmpty)
    #expect(reading.entries.map(\.number) == Array(1...24))
    #expect(reading.entries.map(\.event) == Diary.contact + Diary.contact)
    #expect(diary.told.isEmpty)
  }

  @Test("tells its last line, which can be noted")
  func head() throws {
    var file: JournalFile? = try diary.open()
    #expect(file?.head == nil)
    diary.write(file!, Diary.ready, .terminated)
    let head = try #require(file?.head)
    file = nil
    let reading = try diary.read()
    let last = try diary.lines()[1]
    #expect(head == (2, Digest.sha256(last)))
    #expect(reading.head! == head)
    #expect(reading.holds(head.hash) && !reading.holds(Digest.sha256("other")))
  }

  // MARK: power cuts

  /// What is left of it when it was cut at `size`, gone on with, and read.
  private func cut(_ whole: [UInt8], at size: Int) throws -> JournalReading {
    try Files.replace(diary.path, with: Array(whole[..<size]))
    let lines = whole[..<size].split(separator: 0x0A).map(Array.init)
    let before = try diary.read()
    #expect(before.findings.isEmpty, "cut at \(size)")
    let isTorn = lines.last.map { !JournalEntry.isWhole($0) } ?? false
    #expect(before.remarks.count == (isTorn ? 1 : 0))
    // At most the last line is lost.
    #expect(before.entries.count == lines.count - (isTorn ? 1 : 0))
    let file = try diary.open()
    diary.write(file, Diary.ready)
    return try withExtendedLifetime(file) { try diary.read() }
  }

  @Test(
    "power cut at any byte of the last three lines: at most the torn line is lost, it is told, and the chain goes on")
  func tornAnywhere() throws {
    try diary.writeContact()
    let whole = try Files.read(diary.path)
    let lines = whole.split(separator: 0x0A)
    let start = lines[lines.count - 3].startIndex
    for size in start...whole.count {
      let after = try cut(whole, at: size)
      #expect(after.findings.isEmpty, "cut at \(size): \(after.findings)")
      #expect(after.lines.last?.entry?.event.name == "ready")
      let torn = after.lines.filter { !$0.isWhole }.count
      #expect(torn <= 1)
      #expect(after.entries.filter { $0.event.name == "torn" }.count == torn)
      #expect(after.lines.last?.entry?.number == after.lines.count)
    }
  }

  @Test(
    "1,000 random truncations of a journal of several files, each gone on with: never a fault, never a second line lost"
  )
  func truncations() throws {
    var generator = SystemRandomNumberGenerator()
    for round in 0..<1000 {
      let policy = JournalFile.Policy(size: 64_000)
      if round % 8 == 0 { for file in diary.files { try FileManager.default.removeItem(atPath: file) } }
      do {
        let file = try diary.open(policy)
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
          diary.write(file, Diary.contact.randomElement(using: &generator)!)
        }
      }
      let whole = try Files.read(diary.path)
      let count = try diary.read().entries.count
      // A power cut takes from the last line, of which nothing says that it was synced.
      let lines = whole.split(separator: 0x0A)
      let size = Int.random(in: (lines.last?.startIndex ?? 0)...whole.count, using: &generator)
      try Files.replace(diary.path, with: Array(whole[..<size]))
      let reading = try diary.read()
      #expect(reading.findings.isEmpty, "round \(round), cut at \(size) of \(whole.count): \(reading.findings)")
      #expect(reading.entries.count >= count - 1)
    }
  }

  @Test("power cut between two files: the new one is empty, and the chain goes on in it")
  func cutBetweenFiles() throws {
    try diary.writeContact()
    let closed = diary.path + ".0000000012"
    try FileManager.default.moveItem(atPath: diary.path, toPath: closed)
    try diary.writeContact()
    let reading = try diary.read()
    #expect(reading.findings.isEmpty)
    #expect(reading.files == [closed, diary.path])
    #expect(reading.entries.count == 24)
  }

  // MARK: files

  @Test("turns to a next file when one is full; a line says so, with the kit, and the chain goes on")
  func turns() throws {
    let file = try diary.open(.init(size: 64_000))
    diary.write(file, Diary.ready)
    for _ in 0..<80 { diary.write(file, Diary.started("safe-here")) }
    #expect(diary.files.count >= 4)
    let reading = try diary.read()
    #expect(reading.findings.isEmpty && reading.remarks.isEmpty)
    for path in reading.files.dropFirst() {
      let first = try #require(reading.lines.first { $0.file == path })
      #expect(first.entry?.event == .continued(JournalKit(Diary.kit, signer: "79F9E4B4FF91325D")))
      #expect(first.entry?.number == 1 || first.entry!.previous != JournalEntry.firstPrevious)
    }
    for path in reading.files.dropLast() {
      let last = reading.lines.last { $0.file == path }?.entry?.number ?? 0
      #expect(path.hasSuffix(".\(String(repeating: "0", count: 10 - String(last).count))\(last)"))
    }
    withExtendedLifetime(file) {}
  }

  @Test("keeps no more than its size; what goes is said by a line, and the rest can be proved")
  func keepsSize() throws {
    do {
      let file = try diary.open(.init(size: 64_000))
      for _ in 0..<500 { diary.write(file, Diary.started("safe-here")) }
    }
    let size = try diary.files.reduce(0) { try $0 + Files.read($1).count }
    #expect(size <= 64_000 && size > 40_000)
    let reading = try diary.read()
    #expect(reading.findings.isEmpty, "\(reading.findings)")
    #expect(reading.remarks.count == 1)
    #expect(reading.remarks.first?.what.contains("removed by the device's own policy") == true)
    let removed = try #require(reading.entries.last { $0.event.removal != nil }?.event.removal)
    #expect(removed.through == reading.lines[0].entry!.number - 1)
    #expect(removed.reason == .size)

    // A file that a person takes away is another thing.
    try FileManager.default.removeItem(atPath: reading.files[0])
    #expect(try diary.read().findings.count == 1)
  }

  @Test("with days, turns each day, and removes what is older; a line says so")
  func keepsDays() throws {
    do {
      let file = try diary.open(.init(days: 3))
      diary.write(file, Diary.ready)
      for _ in 0..<10 {
        diary.pass(seconds: 86_400)
        diary.write(file, Diary.started("safe-here"))
      }
    }
    let reading = try diary.read()
    #expect(reading.findings.isEmpty && reading.remarks.count == 1)
    #expect(reading.entries.contains { $0.event.removal?.reason == .days })
    let age = try diary.moment.wall.since(#require(reading.entries.first?.wall)) / WallTime.day
    #expect((3...5).contains(age), "\(age) days")
  }

  @Test("removes nothing because of a clock that was set wrong once")
  func wrongClock() throws {
    let policy = JournalFile.Policy(days: 3)
    for day in 0..<3 {
      diary.restart("boot-\(day)", off: 86_400)
      let file = try diary.open(policy)
      diary.write(file, Diary.ready, Diary.started("safe-here"), .terminated)
    }
    let count = diary.files.count
    let right = diary.moment.wall
    // Ten years on, for one run.
    diary.restart("boot-x", off: 10 * 365 * 86_400)
    do {
      let file = try diary.open(policy)
      diary.write(file, Diary.ready, Diary.started("safe-here"), .terminated)
    }
    diary.moment.wall = right
    diary.restart("boot-y", off: 3600)
    do {
      let file = try diary.open(policy)
      diary.write(file, Diary.ready, .terminated)
    }
    #expect(diary.files.count >= count)
    let reading = try diary.read()
    #expect(reading.findings.isEmpty && reading.entries.first?.number == 1)
    #expect(!reading.entries.contains { $0.event.name == "removed" })

    // And what is too old by two looks goes.
    diary.restart("boot-z", off: 4 * 86_400)
    do { diary.write(try diary.open(policy), Diary.ready, .terminated) }
    diary.restart("boot-zz", off: 86_400)
    do { diary.write(try diary.open(policy), Diary.ready, .terminated) }
    let after = try diary.read()
    #expect(after.findings.isEmpty)
    #expect(after.entries.contains { $0.event.removal?.reason == .days })
    #expect(after.entries.first!.number > 1)
  }

  // MARK: what cannot be written

  @Test("directory removed: told once, gone on without, tried again, and what is missing is told in the journal")
  func directoryRemoved() throws {
    let file = try diary.open()
    diary.write(file, Diary.ready)
    try FileManager.default.removeItem(atPath: diary.directory)
    diary.write(file, Diary.started("safe-here"), Diary.ended("safe-here", .completed, heard: 2400))
    #expect(diary.told.count == 1)
    #expect(diary.told.first?.contains("No such file or directory") == true)
    #expect(file.failure != nil)
    try Files.makeDirectory(diary.directory)
    diary.write(file, Diary.started("need-doctor"))
    #expect(diary.told.count == 2)
    #expect(file.failure == nil)
    let entries = try diary.read().entries
    #expect(entries.map(\.event.name) == ["gap", "started"])
    #expect(entries.first?.event == .gap("2 lines: No such file or directory"))
    #expect(entries.first?.number == 2, "the lines of before are not there any more, and that shows")
    #expect(try diary.read().findings.count == 1)
  }

  @Test("no directory, a directory in its place, a file that is no journal: it starts and says so, and harms nothing")
  func badPlaces() throws {
    let nowhere = try JournalFile(path: diary.directory + "/no/journal", at: diary.moment) { _ in }
    nowhere.append(Diary.ready, at: diary.moment)
    #expect(nowhere.failure?.contains("No such file") == true)
    let directory = try JournalFile(path: diary.directory, at: diary.moment) { _ in }
    #expect(directory.failure?.contains("Is a directory") == true)
    let fifo = diary.directory + "/fifo"
    mkfifo(fifo, 0o600)
    #expect(try JournalFile(path: fifo, at: diary.moment) { _ in }.failure != nil)
    try Files.replace(diary.path, with: Array("dear diary\n\nhello".utf8))
    do {
      let file = try diary.open()
      diary.write(file, Diary.ready)
    }
    #expect(String(decoding: try Files.read(diary.path), as: UTF8.self).hasPrefix("dear diary\n\nhello\n{"))
    #expect(try !diary.read().findings.isEmpty)
  }

  @Test("another daemon on the same journal: refused with why, and the first goes on")
  func twoWriters() throws {
    let first = try diary.open()
    diary.write(first, Diary.ready)
    let second = try diary.open()
    #expect(diary.told.last?.contains("another program writes to it") == true)
    diary.write(second, Diary.ready)
    diary.write(first, .terminated)
    #expect(try diary.read().entries.map(\.event.name) == ["ready", "end"])
    #expect(try diary.read().findings.isEmpty)
  }

  @Test("moved away under it: the next line begins a new file, and both together are whole")
  func movedAway() throws {
    let file = try diary.open()
    diary.write(file, Diary.ready)
    try FileManager.default.moveItem(atPath: diary.path, toPath: diary.path + ".old")
    diary.write(file, .terminated)
    #expect(try diary.read().findings.isEmpty)
    #expect(try diary.read().entries.map(\.event.name) == ["ready", "end"])
  }

  @Test(
    "disk full: told once, nothing half-written, and it goes on when there is room",
    .enabled(if: SmallDisk.canBeMounted))
  func diskFull() throws {
    let disk = try SmallDisk(diary.directory)
    let file = try diary.open()
    diary.write(file, Diary.ready)
    try disk.fill()
    for _ in 0..<50 { diary.write(file, Diary.started("safe-here")) }
    #expect(diary.told.count == 1)
    #expect(diary.told.first?.contains("No space left on device") == true)
    #expect(try diary.read().findings.isEmpty)
    try disk.empty()
    diary.write(file, .terminated)
    let reading = try diary.read()
    #expect(reading.findings.isEmpty && reading.remarks.isEmpty)
    #expect(reading.entries.suffix(2).map(\.event.name) == ["gap", "end"])
    let lost = 51 - (reading.entries.count - 2)
    #expect(reading.entries.suffix(2).first?.event == .gap("\(lost) lines: No space left on device"))
  }

  @Test("read-only disk: told, gone on without", .enabled(if: SmallDisk.canBeMounted))
  func readOnly() throws {
    let disk = try SmallDisk(diary.directory)
    try diary.writeContact()
    try disk.makeReadOnly()
    let file = try diary.open()
    diary.write(file, Diary.ready)
    #expect(diary.told.count == 1)
    #expect(diary.told.first?.contains("Read-only file system") == true)
    #expect(try diary.read().entries.count == Diary.contact.count)
  }
}

extension JournalEvent {
  fileprivate var removal: JournalRemoval? { if case .removed(let removal) = self { removal } else { nil } }
}

/// A file system of 64 KB in memory.
private final class SmallDisk {
  private let directory: String
  // sys/mount.h: some versions of Glibc's module make numbers of these, some make enumerations.
  /// MNT_DETACH
  private static let detach: Int32 = 2
  /// MS_REMOUNT | MS_RDONLY
  private static let readOnlyAgain: UInt = 32 | 1

  static let canBeMounted: Bool = {
    let directory = FileManager.default.temporaryDirectory.path + "/firstword-mount-\(UUID().uuidString.prefix(8))"
    guard (try? Files.makeDirectory(directory)) != nil else { return false }
    defer { try? FileManager.default.removeItem(atPath: directory) }
    guard mount("none", directory, "tmpfs", 0, "size=64k") == 0 else { return false }
    umount2(directory, SmallDisk.detach)
    return true
  }()

  init(_ directory: String) throws {
    self.directory = directory
    try posix("mount", path: directory) { mount("none", directory, "tmpfs", 0, "size=64k") }
  }

  deinit { umount2(directory, Self.detach) }

  func fill() throws {
    let file = try FileDescriptor(opening: directory + "/fill", O_WRONLY | O_CREAT)
    while (try? file.write([UInt8](repeating: 0, count: 512))) != nil {}
  }

  func empty() throws { try posix("unlink") { unlink(directory + "/fill") } }

  func makeReadOnly() throws {
    let flags = Self.readOnlyAgain
    try posix("remount", path: directory) { mount("none", directory, nil, flags, nil) }
  }
}
