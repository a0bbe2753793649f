import Foundation
import Glibc
import Posix
import Synchronization
import Testing

/// A program on a terminal of its own, and somebody who reads and types there. pty(7)
final class PseudoTerminal {
  private let process = Process()
  private let screen = Screen()
  private let reading: Posix.Thread
  /// Bytes shown when the last key was typed, or when what was waited for last was there: the next comes behind them.
  private var mark = 0
  /// The terminal's mode before the program came.
  private let before: termios

  /// What was shown, and the hands that read it.
  private final class Screen: Sendable {
    let master: CInt
    let shown = Mutex<[UInt8]>([])
    let isOver = Atomic<Bool>(false)

    init() {
      master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    }

    deinit { close(master) }

    /// Until the program's end of the terminal is closed: a program that is not read from would wait.
    func read() {
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = Glibc.read(master, &bytes, bytes.count)
        if count <= 0 { return isOver.store(true, ordering: .releasing) }
        shown.withLock { $0 += bytes[..<count] }
      }
    }
  }

  /// - Parameter words: a program and its arguments.
  init(_ words: [String], in directory: String, environment: [String: String], columns: Int = 80, rows: Int = 24) throws
  {
    let hands = screen
    var (unlocked, number): (CInt, CInt) = (0, 0)
    try posix("TIOCSPTLCK") { ioctl(hands.master, 0x4004_5431, &unlocked) }
    try posix("TIOCGPTN") { ioctl(hands.master, 0x8004_5430, &number) }
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    try posix("TIOCSWINSZ") { ioctl(hands.master, UInt(TIOCSWINSZ), &size) }
    let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    let handle = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
    var mode = termios()
    tcgetattr(slave, &mode)
    before = mode
    // As a shell on a terminal starts programs: what started the tests, such as nohup(1), may ignore these signals.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["--default-signal=INT,HUP,TERM,QUIT,TSTP"] + words
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["XDG_CACHE_HOME": directory + "/.cache", "NO_COLOR": "1", "TERM": "xterm"].merging(environment) { $1 }
    ) { $1 }
    process.standardInput = handle
    process.standardOutput = handle
    process.standardError = handle
    reading = try Posix.Thread("pty") { hands.read() }
    try process.run()
    // Ours goes, so that the reader is told when the program's has gone.
    try handle.close()
  }

  deinit {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }

  var identifier: pid_t { process.processIdentifier }

  /// All that was shown, in lines, without escape sequences.
  var shown: String { Self.plain(screen.shown.withLock { $0 }[...]) }

  /// Waits until a text is shown, behind what was waited for last; a minute is a failure.
  func wait(for text: String, at place: SourceLocation = #_sourceLocation) throws {
    _ = try wait(for: [text], at: place)
  }

  /// Waits for one of several texts: which it was.
  func wait(for texts: [String], at place: SourceLocation = #_sourceLocation) throws -> String {
    let deadline = Monotonic.now.adding(milliseconds: 60_000)
    var seen = -1
    while true {
      let isLast = screen.isOver.load(ordering: .acquiring) || Monotonic.now > deadline
      let bytes = screen.shown.withLock { $0 }
      if bytes.count == seen, !isLast {
        _ = poll(nil, 0, 5)
        continue
      }
      seen = bytes.count
      let new = Self.plain(bytes.dropFirst(mark))
      // Where a line breaks depends on the length of what it names, such as a process.
      let flowed = new.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if let text = texts.first(where: { new.contains($0) || flowed.contains($0) }) {
        mark = bytes.count
        return text
      }
      if isLast { break }
    }
    Issue.record("\(texts) is not in: \(shown.suffix(1500))", sourceLocation: place)
    throw CancellationError()
  }

  func type(_ keys: String) {
    mark = screen.shown.withLock { $0.count }
    _ = keys.utf8CString.withUnsafeBufferPointer { write(screen.master, $0.baseAddress, $0.count - 1) }
  }

  /// Waits for the program's end, once: its status, and whether the terminal is in the mode that it had before.
  func end() throws -> (status: Int32, isRestored: Bool) {
    process.waitUntilExit()
    reading.join()
    var after = termios()
    tcgetattr(screen.master, &after)
    let isRestored =
      after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag
    return (process.terminationStatus, isRestored)
  }

  /// ECMA-48
  private static func plain(_ bytes: ArraySlice<UInt8>) -> String {
    var kept: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      if byte != 0x1B {
        if byte != 0x0D { kept.append(byte) }
      } else if rest.first == UInt8(ascii: "[") {
        rest = rest.dropFirst().drop { !(0x40...0x7E).contains($0) }.dropFirst()
      }
    }
    return String(decoding: kept, as: UTF8.self)
  }
}
