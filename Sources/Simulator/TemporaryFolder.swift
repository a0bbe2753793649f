import Foundation
import Glibc
import Posix

/// A new folder under TMPDIR that goes with this value.
final class TemporaryFolder {
  let path: String

  init() throws {
    let place = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(place)/firstword-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make a folder", path: place, code: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
