import Glibc
import Posix

/// A line that the kernel shows in its directory, for as long as this lives. One that was shown before stays so.
final class SysfsExport {
  /// `/sys/class/gpio/gpio517`, `/sys/class/gpio/chip0/gpio5`
  let directory: String
  private let root: String
  private let number: Int
  private let isOurs: Bool

  /// - Parameters:
  ///   - number: what the directory calls the line.
  ///   - root: the directory with `export` and `unexport`.
  init(_ number: Int, of line: LineConfiguration, root: String) throws(ButtonError) {
    self.root = root
    self.number = number
    directory = "\(root)/gpio\(number)"
    do throws(SystemError) {
      try Sysfs.write(String(number), to: root + "/export")
      isOurs = true
    } catch {
      // Exported already; or a driver of the kernel has it, and then it has no directory.
      guard error.code == EBUSY else { throw .setUp(chip: line.chip, line: line.line, error) }
      guard Files.isDirectory(directory) else { throw .busy(chip: line.chip, line: line.line) }
      isOurs = false
    }
  }

  // A line that is gone cannot be unexported, and need not be.
  deinit { if isOurs { try? Sysfs.write(String(number), to: root + "/unexport") } }
}
