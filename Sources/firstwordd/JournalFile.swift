import Console
import Glibc
import Kit
import Posix
import Synchronization

/// The journal on disk: lines are appended at once, and brought to the card by a thread of its own, so that a slow
/// SD card never holds up a press.
final class JournalFile {
  private let file: FileDescriptor
  private let path: String
  private let boot: String
  private var number: Int
  private var previous: String
  /// Tags of the languages that listeners were spoken to in, the latest first, as the end of the file tells.
  let recentLanguages: [String]
  private let syncing: Syncing
  private let thread: Thread
  /// The first failure is told on standard error, not each.
  private var failed = false

  private final class Syncing: Sendable {
    let wake: Wake
    let descriptor: CInt
    let quit = Atomic<Bool>(false)

    init(_ descriptor: CInt) throws(SystemError) {
      wake = try Wake()
      self.descriptor = descriptor
    }

    /// fdatasync(2) for all that was written since the last time.
    func run() {
      while !quit.load(ordering: .acquiring) {
        var poll = Poll()
        _ = poll.add(wake.descriptor, events: POLLIN)
        try? poll.wait(until: nil)
        wake.clear()
        _ = fdatasync(descriptor)
      }
    }
  }

  /// Opens or makes it, and goes on where it ends. A last line that a power cut tore is closed and kept as it is.
  init(path: String) throws(SystemError) {
    self.path = path
    file = try FileDescriptor(opening: path, O_RDWR | O_CREAT | O_APPEND, mode: 0o640)
    let size = try file.regularFileSize(path: path)
    let tail = try file.read(min(size, 65_536), at: size - min(size, 65_536)) ?? []
    if let last = tail.last, last != 0x0A { try file.write([0x0A]) }
    let lines = tail.split(separator: 0x0A)
    previous = lines.last.map { Digest.sha256(Array($0)) } ?? JournalEntry.firstPrevious
    let known = lines.reversed().firstIndex { Self.number(of: $0) != nil }
    // Lines behind the last one that can be read are counted too.
    number = known.map { Self.number(of: lines[$0.base - 1])! + lines.distance(from: $0.base, to: lines.endIndex) } ?? 0
    recentLanguages = Self.languages(spokenIn: lines)
    boot =
      (try? Files.read("/proc/sys/kernel/random/boot_id")).map {
        String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
      } ?? ""
    let syncing = try Syncing(file.raw)
    self.syncing = syncing
    thread = try Thread("journal") { syncing.run() }
  }

  deinit {
    syncing.quit.store(true, ordering: .releasing)
    syncing.wake.signal()
    thread.join()
  }

  /// Those for which somebody raised a hand, or in which somebody answered.
  private static func languages(spokenIn lines: [ArraySlice<UInt8>]) -> [String] {
    var tags: [String] = []
    for line in lines.reversed() where tags.count < Console.mostRecent {
      guard let entry = try? Documents.decode(JournalEntry.self, from: Array(line)), let tag = entry.language,
        entry.event == "found" || entry.event == "answer" && entry.prompt != Said.raiseHand, !tags.contains(tag)
      else { continue }
      tags.append(tag)
    }
    return tags
  }

  private static func number(of line: ArraySlice<UInt8>) -> Int? {
    try? Documents.decode(JournalEntry.self, from: Array(line)).number
  }

  /// What a line says, without its place in the chain.
  struct Content {
    var event: String
    var language: String? = nil
    var prompt: String? = nil
    var clip: String? = nil
    var heard: Int? = nil
    var detail: String? = nil
    var judge: String? = nil
    var about: String? = nil
    var voice: String? = nil
    var kit: String? = nil
  }

  /// Appends a line. A journal that cannot be written never stops the sound: it is told on standard error.
  func append(_ content: Content) {
    let entry = JournalEntry(
      number: number + 1, previous: previous, time: Self.wallTime(), monotonic: Monotonic.now.nanoseconds, boot: boot,
      event: content.event, language: content.language, prompt: content.prompt, clip: content.clip,
      heard: content.heard, detail: content.detail, judge: content.judge, about: content.about, voice: content.voice,
      kit: content.kit)
    do {
      let line = try entry.line()
      try file.write(line + [0x0A])
      number += 1
      previous = Digest.sha256(line)
      failed = false
      syncing.wake.signal()
    } catch {
      if !failed { say("\(path): the journal cannot be written (\(error)); the device goes on without it") }
      failed = true
    }
  }

  /// RFC 3339 in UTC with milliseconds.
  private static func wallTime() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    var seconds = now.tv_sec
    gmtime_r(&seconds, &parts)
    func padded(_ value: some BinaryInteger, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
      + "T\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
      + ".\(padded(now.tv_nsec / 1_000_000, 3))Z"
  }
}
