import Board
import Glibc
import Posix

/// One line through sysfs: with edges where the line has an interrupt, else on a timer. Per-chip sysfs has no edges.
final class SysfsLine: ButtonSource {
  let indices: [Int]

  private let access: LineAccess
  private let line: Board.Line
  private let export: SysfsExport
  private let path: String
  /// The file `value`. Reading it from the start clears its pending edge.
  private let value: FileDescriptor
  /// The byte in `value` while the button is down.
  private let down: UInt8
  /// Milliseconds between two timed reads.
  private let interval: Int
  private var nextRead: Monotonic?
  private var place: Int?

  /// Configures the line as an input and reads it once, so that the first poll reports no old edge.
  ///
  /// - Parameters:
  ///   - line: the line.
  ///   - index: index of its button in the configuration.
  ///   - export: the exported line.
  ///   - timer: why the line is read on a timer; nil where edges are wanted.
  ///   - interval: milliseconds between two timed reads.
  ///   - now: the time from which timed reads are counted.
  ///   - deadline: when to stop retrying files that cannot be opened yet: udev sets their group some milliseconds
  ///     after the export.
  /// - Throws: `ButtonError.setUp`.
  init(
    _ line: Board.Line, index: Int, export: SysfsExport, timer: String?, interval: Int, now: Monotonic,
    retryingUntil deadline: Monotonic
  ) throws(ButtonError) {
    self.line = line
    self.export = export
    self.interval = interval
    indices = [index]
    path = export.directory + "/value"
    do throws(SystemError) {
      try Self.makeInput(export.directory, until: deadline)
      access = try Self.enableEdges(export.directory, timer: timer, until: deadline)
      let isInverted = try Self.isInverted(export.directory, until: deadline)
      down = (line.active == .low) == isInverted ? UInt8(ascii: "1") : UInt8(ascii: "0")
      value = try Sysfs.retry(until: deadline) { [path] () throws(SystemError) in
        try FileDescriptor(opening: path, O_RDONLY)
      }
      _ = try Self.level(value, path)
    } catch {
      throw .setUp(chip: line.chip, line: line.line, error)
    }
    if access != .edges { nextRead = now.adding(milliseconds: interval) }
  }

  // MARK: ButtonSource

  func access(of index: Int) -> LineAccess { access }

  func register(in poll: inout Poll) {
    if access == .edges { place = poll.add(value.raw, events: POLLPRI | POLLERR) }
  }

  var deadline: Monotonic? { nextRead }

  func readings(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonReading] {
    if let nextRead {
      if now < nextRead { return [] }
      self.nextRead = now.adding(milliseconds: interval)
    } else {
      guard let place, poll.answer(place) != 0 else { return [] }
    }
    guard let isDown = try isDown(at: indices[0]) else { return [] }
    return [ButtonReading(index: indices[0], isDown: isDown, time: now)]
  }

  func isDown(at index: Int) throws(ButtonError) -> Bool? {
    do throws(SystemError) {
      return try Self.level(value, path).map { $0 == down }
    } catch {
      throw .lost(chip: line.chip, line: line.line, error)
    }
  }

  /// Returns `0` or `1`; nil for an empty file, whose level is unknown until the next read.
  private static func level(_ value: borrowing FileDescriptor, _ path: String) throws(SystemError) -> UInt8? {
    let byte: UInt8?
    do throws(SystemError) {
      byte = try value.byte(at: 0)
    } catch {
      throw SystemError(error.operation, path: path, code: error.code)
    }
    switch byte {
    case nil, UInt8(ascii: "0"), UInt8(ascii: "1"): return byte
    default: throw SystemError("read a level", path: path, code: EINVAL)
    }
  }

  // MARK: Setting up

  private static func makeInput(_ directory: String, until deadline: Monotonic) throws(SystemError) {
    let path = directory + "/direction"
    do throws(SystemError) {
      try Sysfs.retry(until: deadline) { () throws(SystemError) in try Sysfs.write("in", to: path) }
    } catch {
      // A line that can only be an input has no such file.
      if error.code != ENOENT || !Files.exists(directory + "/value") { throw error }
    }
  }

  private static func enableEdges(
    _ directory: String, timer: String?, until deadline: Monotonic
  ) throws(SystemError) -> LineAccess {
    if let timer { return .timed(reason: timer) }
    let path = directory + "/edge"
    if !Files.exists(path) { return .timed(reason: "the line has no interrupt") }
    do throws(SystemError) {
      try Sysfs.retry(until: deadline) { () throws(SystemError) in try Sysfs.write("both", to: path) }
      return .edges
    } catch {
      // Missing permission is a fault of the installation and must be reported; all else means that the line has no
      // edges.
      if error.code == EACCES || error.code == EPERM { throw error }
      return .timed(reason: error.description)
    }
  }

  /// Returns whether `value` is the inverse of the wire: a setting that an earlier user of the line may have left.
  private static func isInverted(_ directory: String, until deadline: Monotonic) throws(SystemError) -> Bool {
    let path = directory + "/active_low"
    do throws(SystemError) {
      return try Sysfs.retry(until: deadline) { () throws(SystemError) in try Sysfs.read(path) } != "0"
    } catch {
      if error.code == ENOENT { return false }
      throw error
    }
  }
}
