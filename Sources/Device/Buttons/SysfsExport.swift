import Glibc
import Posix

/// An exported line. `deinit` unexports it, unless it was exported before.
final class SysfsExport {
  /// The directory of the line: `/sys/class/gpio/gpio517`, `/sys/class/gpio/chip0/gpio5`.
  let directory: String
  private let root: String
  private let number: Int
  /// Whether this export created the directory.
  private let isOwned: Bool

  /// Exports a line.
  ///
  /// - Parameters:
  ///   - number: the number of the line in `root`.
  ///   - chip: label of the chip, for errors.
  ///   - line: offset of the line, for errors.
  ///   - root: the directory with the files `export` and `unexport`.
  /// - Throws: `ButtonError.busy` where a driver has the line, or `.setUp`.
  init(_ number: Int, chip: String, line: Int, root: String) throws(ButtonError) {
    self.root = root
    self.number = number
    directory = "\(root)/gpio\(number)"
    do throws(SystemError) {
      try Sysfs.write(String(number), to: root + "/export")
      isOwned = true
    } catch {
      // EBUSY: the line is exported already, or a kernel driver has it, in which case it has no directory.
      guard error.code == EBUSY else { throw .setUp(chip: chip, line: line, error) }
      guard Files.isDirectory(directory) else { throw .busy(chip: chip, line: line) }
      isOwned = false
    }
  }

  // Unexporting fails for a line that is gone; nothing is left to do then.
  deinit { if isOwned { try? Sysfs.write(String(number), to: root + "/unexport") } }
}
