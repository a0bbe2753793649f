import CLinux
import Glibc
import Posix

/// A stick whose files only this process reaches.
///
/// The mount is attached to no directory, so no other program can open a file of it by a path. It is read-only unless
/// something is written, without set-user-ID, devices and execution, and ends with the last descriptor.
public enum StickMount {
  /// Why a stick cannot be read.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// A system call failed.
    case system(SystemError)
    /// The device has no file system that is read.
    case unknown(path: String)

    /// One line with a remedy.
    public var description: String {
      switch self {
      case .system(let error): error.description
      case .unknown(let path): "\(path): no file system for a stick; format it with FAT32, exFAT or ext4"
      }
    }
  }

  /// Mounts a device, and opens its root directory. fsopen(2), fsconfig(2), fsmount(2)
  ///
  /// - Parameter writes: whether something will be written.
  public static func open(_ device: String, writes: Bool = false) throws(Failure) -> Directory {
    do throws(SystemError) {
      guard
        let header = try FileDescriptor(opening: device, O_RDONLY | O_NONBLOCK)
          .read(StickFileSystem.headerSize, at: 0), let system = StickFileSystem(header: header)
      else { throw SystemError("", code: EMEDIUMTYPE) }
      return try open(device, system, writes: writes)
    } catch {
      if error.code == EMEDIUMTYPE, error.operation.isEmpty { throw .unknown(path: device) }
      throw .system(error.at(device))
    }
  }

  private static func open(
    _ device: String, _ system: StickFileSystem, writes: Bool
  ) throws(SystemError) -> Directory {
    let context = FileDescriptor(owning: try posix("mount", path: device) { fw_fsopen(system.rawValue) })
    let raw = context.raw
    try posix("mount", path: device) { fw_fsconfig_string(raw, "source", device) }
    try posix("mount with errors", path: device) { fw_fsconfig_string(raw, "errors", StickFileSystem.errors) }
    for flag in system.flags(writes: writes) {
      try posix("mount with \(flag)", path: device) { fw_fsconfig_flag(raw, flag) }
    }
    // File systems without owners: their files are this process's.
    if writes, system != .ext4, geteuid() != 0 {
      for (option, number) in [("uid", geteuid()), ("gid", getegid())] {
        try posix("mount with \(option)", path: device) { fw_fsconfig_string(raw, option, String(number)) }
      }
    }
    try posix("mount", path: device) { fw_fsconfig_create(raw) }
    let mount = FileDescriptor(owning: try posix("mount", path: device) { fw_fsmount(raw, writes ? 1 : 0) })
    return try Directory(of: mount, path: Path(device))
  }

  /// Gives up the right to mount, and all others but that to read every file: what a stick holds is examined without
  /// them. capset(2)
  ///
  /// - Parameter writes: whether the right to write to every file is kept too.
  public static func dropRights(writes: Bool = false) throws(SystemError) {
    try posix("capset") { fw_keep_file_rights(writes ? 1 : 0) }
  }
}
