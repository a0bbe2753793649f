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

  /// Lets the threads of this process share so few areas of the heap: each thread's own keeps what was freed in it. For a
  /// program with many threads that allocate little; called before they start. mallopt(3), M_ARENA_MAX
  public static func shareHeap(areas: CInt) { mallopt(CInt(fw_m_arena_max), areas) }

  /// Returns freed memory to the system. malloc_trim(3)
  public static func trim() { malloc_trim(0) }

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
