import Glibc
import Posix

/// A GPIO chip of the kernel's module gpio-sim, through configfs.
final class SimulatedChip {
  private static let root = "/sys/kernel/config/gpio-sim"
  let label = "firstword-test"
  private let directory: String
  private let device: String

  static let isAvailable: Bool = {
    if access(root, W_OK) == 0 { return true }
    print("SKIPPED: tests with a character device of the kernel: no \(root) (as root: modprobe gpio-sim)")
    return false
  }()

  init(lines: Int) throws {
    directory = "\(Self.root)/firstword-\(getpid())"
    let bank = directory + "/bank"
    for path in [directory, bank] { try posix("mkdir", path: path) { mkdir(path, 0o755) } }
    try Self.put("\(lines)", bank + "/num_lines")
    try Self.put(label, bank + "/label")
    try Self.put("1", directory + "/live")
    let name = try Self.text(directory + "/dev_name")
    let chip = try Self.text(bank + "/chip_name")
    device = "/sys/devices/platform/\(name)/\(chip)"
  }

  deinit {
    try? Self.put("0", directory + "/live")
    rmdir(directory + "/bank")
    rmdir(directory)
  }

  func pull(_ line: Int, up: Bool) throws {
    try Self.put(up ? "pull-up" : "pull-down", "\(device)/sim_gpio\(line)/pull")
  }

  private static func put(_ text: String, _ path: String) throws {
    try FileDescriptor(opening: path, O_WRONLY).write(text.utf8)
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Files.read(path).filter { $0 > 32 }, as: UTF8.self)
  }
}
