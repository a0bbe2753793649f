import Glibc
import Posix

/// Plain files in the layout of ``Lines``, for machines without FUSE.
///
/// All lines are exported inputs from the start, without `edge`; `drive/N` is a link to the line's value. There are no
/// LEDs.
final class PlainFileTree: Sendable {
  /// Name of the file that identifies the directory, to people and to the next run.
  private static let marker = "PLAIN-FILES"

  private let configuration: LinesConfiguration
  private let path: String

  /// Creates the files in an empty directory.
  init(_ configuration: LinesConfiguration, at path: String) throws(LinesError) {
    self.configuration = configuration
    self.path = path
    do throws(SystemError) {
      try create()
    } catch {
      Self.remove(at: path)
      throw .system(error)
    }
  }

  private func create() throws(SystemError) {
    try put(
      "/" + Self.marker,
      """
      This directory replaces simulated GPIO lines on a machine without FUSE. Its files are plain: no edges, no export,
      no rules. Programs have to poll the values on a timer. The directory can be deleted.
      """)
    let gpio = "/gpio"
    let chip = gpio + "/gpiochip\(configuration.base)"
    try Files.makeDirectory(path + chip)
    try Files.makeDirectory(path + "/drive")
    try put(gpio + "/export", "")
    try put(gpio + "/unexport", "")
    try put(chip + "/base", "\(configuration.base)\n")
    try put(chip + "/label", "\(configuration.label)\n")
    try put(chip + "/ngpio", "\(configuration.count)\n")
    for line in 0..<configuration.count {
      let name = "/gpio\(configuration.base + line)"
      try Files.makeDirectory(path + gpio + name)
      try put(gpio + name + "/active_low", "0\n")
      try put(gpio + name + "/direction", "in\n")
      try put(gpio + name + "/value", configuration.idle == .high ? "1\n" : "0\n")
      let link = path + "/drive/\(line)"
      try posix("symlink", path: link) { symlink("../gpio\(name)/value", link) }
    }
  }

  private func put(_ name: String, _ text: String) throws(SystemError) {
    let file = try FileDescriptor(opening: path + name, O_WRONLY | O_CREAT | O_EXCL)
    try file.write(text.utf8)
  }

  /// Writes levels to a line's value, one after the other.
  func drive(_ line: Int, _ levels: [Lines.Level]) throws(LinesError) {
    do throws(SystemError) {
      // Not truncated first, so that no reader finds the file empty.
      let file = try FileDescriptor(opening: valuePath(line), O_WRONLY)
      for level in levels {
        let text: [UInt8] = [UInt8(ascii: "0") + level.rawValue, UInt8(ascii: "\n")]
        try posix("write", path: valuePath(line)) { pwrite(file.raw, text, text.count, 0) }
      }
    } catch { throw .system(error) }
  }

  /// Returns the level in a line's value.
  func level(of line: Int) throws(LinesError) -> Lines.Level {
    do throws(SystemError) {
      return try Files.read(valuePath(line), limit: 4096).first == UInt8(ascii: "0") ? .low : .high
    } catch { throw .system(error) }
  }

  private func valuePath(_ line: Int) -> String {
    Path(path).appending("gpio/gpio\(configuration.base + line)/value").string
  }

  /// Removes the files.
  func remove() { Self.remove(at: path) }

  /// Returns whether a directory holds such files.
  static func exists(at path: String) -> Bool { Files.exists(Path(path).appending(marker)) }

  /// Removes the files of ``create()`` and nothing else. The marker is removed last, so that an interrupted removal is
  /// recognised.
  static func remove(at path: String) {
    let gpio = Path(path).appending("gpio")
    for name in (try? Files.list(gpio)) ?? [] {
      let line = gpio.appending(name)
      for file in (try? Files.list(line)) ?? [] { _ = unlink(line.appending(file).string) }
      if rmdir(line.string) != 0 { _ = unlink(line.string) }
    }
    let drive = Path(path).appending("drive")
    for name in (try? Files.list(drive)) ?? [] { _ = unlink(drive.appending(name).string) }
    _ = rmdir(gpio.string)
    _ = rmdir(drive.string)
    _ = unlink(Path(path).appending(marker).string)
  }
}
