import Glibc
import Posix
import Simulator
import Testing

/// Lines in a directory of their own, removed with the value.
final class LinesRig {
  let lines: Lines
  private let directory: String

  init(_ configuration: LinesConfiguration = LinesConfiguration(), as kind: Lines.Kind = .mounted) throws {
    directory = try Self.newDirectory()
    lines = try Lines.start(mountedAt: directory, configuration, as: kind)
  }

  deinit {
    lines.unmount()
    #expect(rmdir(directory) == 0, "\(directory) is still in use")
  }

  static func newDirectory() throws -> String {
    var name = Array("/tmp/firstword-lines-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw SystemError("mkdtemp", code: errno) }
    return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  var gpio: String { lines.gpioRoot }

  /// Returns the path of a file of an exported line, by its offset.
  func path(_ line: Int, _ file: String) -> String { "\(gpio)/gpio\(lines.configuration.base + line)/\(file)" }

  /// Writes like a shell's `echo`.
  func put(_ text: String, _ path: String) throws {
    try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC).write(text.utf8)
  }

  /// Returns the errno of a refused write; 0 for an accepted one.
  func refusal(of text: String, _ path: String) -> CInt {
    do { try put(text, path) } catch let error as SystemError { return error.code } catch { return -1 }
    return 0
  }

  func text(_ path: String) throws -> String { String(decoding: try Files.read(path), as: UTF8.self) }

  func export(_ line: Int) throws { try put("\(lines.configuration.base + line)\n", gpio + "/export") }

  func unexport(_ line: Int) throws { try put("\(lines.configuration.base + line)\n", gpio + "/unexport") }
}

/// Whether lines can be mounted; prints the reason if they cannot.
let linesCanBeMounted: Bool = {
  if let reason = Lines.unavailable { print("SKIPPED: tests of simulated lines with edges: \(reason)") }
  return Lines.available
}()

/// Returns the events of poll(2) within `milliseconds`.
func answer(_ descriptor: CInt, within milliseconds: Int = 0, for events: Int32 = POLLPRI | POLLERR) throws -> Int32 {
  var poll = Poll()
  let place = poll.add(descriptor, events: events)
  try poll.wait(until: Monotonic.now.adding(milliseconds: milliseconds))
  return poll.answer(place)
}
