import Glibc
import Posix

extension Lines {
  /// Whether this user can mount lines on this machine.
  public static var available: Bool { unavailable == nil }

  /// Why lines cannot be mounted, and what to do; `nil` if they can be.
  public static var unavailable: String? {
    do throws(SystemError) {
      _ = try FileDescriptor(opening: "/dev/fuse", O_RDWR)
    } catch {
      switch error.code {
      case ENOENT:
        return "there is no /dev/fuse: load the kernel module (modprobe fuse), or pass the device to the container"
      case ENODEV, ENXIO: return "/dev/fuse exists, but the kernel has no FUSE: load the module (modprobe fuse)"
      case EACCES, EPERM: return "/dev/fuse: permission denied: run as root, or give this user access to the device"
      default: return error.description
      }
    }
    if geteuid() == 0 {
      return canMount
        ? nil : "root cannot mount here (no CAP_SYS_ADMIN, as in most containers): run outside the container"
    }
    return isInstalled("fusermount3") ? nil : "users other than root need fusermount3: apt install fuse3"
  }

  /// Whether the process has CAP_SYS_ADMIN. proc(5), capabilities(7)
  private static var canMount: Bool {
    guard let bytes = try? Files.read("/proc/self/status", limit: 1 << 16) else { return true }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("CapEff:") }),
      let set = UInt64(line.dropFirst(7).filter { !$0.isWhitespace }, radix: 16)
    else { return true }
    return set & (1 << 21) != 0
  }

  private static func isInstalled(_ program: String) -> Bool {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }
}
