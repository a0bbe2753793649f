import CLinux
import Glibc

/// The memory of this process.
public enum Memory {
  /// Reads the code of the program and of its libraries into memory, so that the first use of a function does not wait
  /// for the storage. Without `lock()` the system may take it away again. dl_iterate_phdr(3)
  ///
  /// - Returns: the number of pages of 4 KiB.
  @discardableResult
  public static func touchCode() -> Int { Int(fw_touch_code()) }

  /// Locks all current and future pages, so that playback never waits for a page from the disk. Freed memory is returned
  /// to the system first. mlockall(2), malloc_trim(3)
  ///
  /// With MCL_ONFAULT only touched pages take memory; otherwise the whole stacks of all threads would.
  ///
  /// - Returns: false if the system refuses (RLIMIT_MEMLOCK, CAP_IPC_LOCK).
  public static func lock() -> Bool {
    malloc_trim(0)
    return mlockall(MCL_CURRENT | MCL_FUTURE | CInt(fw_mcl_onfault)) == 0
  }
}
