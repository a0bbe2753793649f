import Glibc
import Posix

extension Lines {
  /// Whether lines can be mounted on this machine by this user.
  public static var available: Bool { unavailable == nil }

  /// Why lines cannot be mounted, and what to do; `nil` where they can.
  public static var unavailable: String? {
    do throws(SystemError) {
      _ = try FileDescriptor(opening: "/dev/fuse", O_RDWR)
    } catch {
      switch error.code {
      case ENOENT: return "there is no /dev/fuse: load the kernel's module (modprobe fuse), or pass the device in"
      case ENODEV, ENXIO: return "/dev/fuse is there, but this kernel has no FUSE: modprobe fuse"
      case EACCES, EPERM: return "/dev/fuse: permission denied: run it as root, or let this user open the device"
      default: return error.description
      }
    }
    if geteuid() == 0 {
      return mayMount ? nil : "root may not mount here (no CAP_SYS_ADMIN, as in most containers): run it outside"
    }
    return isInstalled("fusermount3") ? nil : "a user who is not root needs fusermount3: apt install fuse3"
  }

  /// CAP_SYS_ADMIN in the effective set. proc(5), capabilities(7)
  private static var mayMount: Bool {
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
