import Glibc
import Posix

/// One line through sysfs: by edges where the line can interrupt, else, and in the sysfs of a chip's own, by looks on a
/// timer.
final class SysfsLine: ButtonSource {
  let indices: [Int]

  private let access: LineAccess
  private let line: LineConfiguration
  private let export: SysfsExport
  private let path: String
  /// A read of it from the start takes the edges until then.
  private let value: FileDescriptor
  /// The byte in the file that a pressed button gives.
  private let down: UInt8
  /// Milliseconds between two looks.
  private let interval: Int
  private var nextLook: Monotonic?
  private var place: Int?

  /// Sets the line up as an input and reads it once, so that the first poll has no old edge to tell.
  ///
  /// - Parameters:
  ///   - timer: why it is looked at on a timer; `nil` where edges are wanted.
  ///   - interval: milliseconds between two looks, counted from `now`, where it comes to that.
  ///   - deadline: until when files that may not be opened are tried again: udev sets their group some
  ///     milliseconds after the export.
  init(
    _ line: LineConfiguration, index: Int, export: SysfsExport, timer: String?, interval: Int, now: Monotonic,
    retryingUntil deadline: Monotonic
  ) throws(ButtonError) {
    self.line = line
    self.export = export
    self.interval = interval
    indices = [index]
    path = export.directory + "/value"
    do throws(SystemError) {
      try Self.makeInput(export.directory, until: deadline)
      access = try Self.askForEdges(export.directory, timer: timer, until: deadline)
      let isTurned = try Self.isTurned(export.directory, until: deadline)
      down = line.activeLow == isTurned ? UInt8(ascii: "1") : UInt8(ascii: "0")
      value = try Sysfs.retry(until: deadline) { [path] () throws(SystemError) in
        try FileDescriptor(opening: path, O_RDONLY)
      }
      _ = try Self.level(value, path)
    } catch {
      throw .setUp(chip: line.chip, line: line.line, error)
    }
    if access != .edges { nextLook = now.adding(milliseconds: interval) }
  }

  // MARK: ButtonSource

  func access(of index: Int) -> LineAccess { access }

  func register(in poll: inout Poll) {
    if access == .edges { place = poll.add(value.raw, events: POLLPRI | POLLERR) }
  }

  var deadline: Monotonic? { nextLook }

  func levels(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonLevel] {
    if let nextLook {
      if now < nextLook { return [] }
      self.nextLook = now.adding(milliseconds: interval)
    } else {
      guard let place, poll.answer(place) != 0 else { return [] }
    }
    guard let isDown = try look(at: indices[0]) else { return [] }
    return [ButtonLevel(index: indices[0], isDown: isDown, time: now)]
  }

  func look(at index: Int) throws(ButtonError) -> Bool? {
    do throws(SystemError) {
      return try Self.level(value, path).map { $0 == down }
    } catch {
      throw .lost(chip: line.chip, line: line.line, error)
    }
  }

  /// `0` or `1`; `nil` for an empty file, which says nothing: look again.
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
      // A line that is an input for good has no such file.
      if error.code != ENOENT || !Files.exists(directory + "/value") { throw error }
    }
  }

  private static func askForEdges(
    _ directory: String, timer: String?, until deadline: Monotonic
  ) throws(SystemError) -> LineAccess {
    if let timer { return .timed(reason: timer) }
    let path = directory + "/edge"
    if !Files.exists(path) { return .timed(reason: "the line has no interrupt") }
    do throws(SystemError) {
      try Sysfs.retry(until: deadline) { () throws(SystemError) in try Sysfs.write("both", to: path) }
      return .edges
    } catch {
      // No right to do it is the installation's fault and has to be told; all else is the line's nature.
      if error.code == EACCES || error.code == EPERM { throw error }
      return .timed(reason: error.description)
    }
  }

  /// Whether the file shows the opposite of the wire: left so by who exported the line before.
  private static func isTurned(_ directory: String, until deadline: Monotonic) throws(SystemError) -> Bool {
    let path = directory + "/active_low"
    do throws(SystemError) {
      return try Sysfs.retry(until: deadline) { () throws(SystemError) in try Sysfs.read(path) } != "0"
    } catch {
      if error.code == ENOENT { return false }
      throw error
    }
  }
}
