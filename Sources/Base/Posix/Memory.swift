import CLinux
import Glibc

/// The memory of this process.
public enum Memory {
  /// Takes code and constants of the program and its libraries out of memory that they were read into at the start and
  /// may never be used again. What is needed comes back from the files, which the system usually still holds. Called
  /// before `touchCode` and `lock`. dl_iterate_phdr(3), madvise(2)
  public static func dropCode() { fw_drop_code() }

  /// Reads code of the program into memory, so that the first use of a function does not wait for the storage. Without
  /// `lock()` the system may take it away again. dl_iterate_phdr(3)
  ///
  /// - Parameters:
  ///   - function: the code is read from the program's beginning as far as this function. The modules of a program lie in
  ///     the order of their names, before the libraries that are linked into it.
  ///   - margin: bytes after the beginning of the function.
  /// - Returns: the number of pages of 4 KiB.
  @discardableResult
  public static func touchCode(asFarAs function: @convention(c) () -> Void, margin: Int) -> Int {
    Int(fw_touch_code(unsafeBitCast(function, to: UnsafeRawPointer.self), margin))
  }

  /// Reads the code of shared libraries into memory, as `touchCode(asFarAs:)` does.
  ///
  /// - Parameter prefix: the beginning of their files' names, such as `libasound`, which is that of its plugins too.
  /// - Returns: the number of pages of 4 KiB.
  @discardableResult
  public static func touchLibraries(_ prefix: String) -> Int { Int(fw_touch_libraries(prefix)) }

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
