import CFuse
import Glibc
import Posix
import Synchronization

/// A mounted file system, served by a thread of its own until ``end()``.
///
/// One thread is enough, because no request blocks, and it makes the end simple: wake it, join it, unmount.
final class FUSEMount: Sendable {
  private let session: FUSESession
  /// The serving thread; `nil` after ``end()``. Guarded by the mutex.
  private let thread: Mutex<pthread_t?>

  /// Mounts the tree of `server`.
  ///
  /// - Parameter path: absolute path of an empty directory.
  init(_ server: SysfsServer, at path: String) throws(LinesError) {
    session = try FUSESession(server, at: path)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(session)
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<FUSESession>.fromOpaque(context).takeRetainedValue().serve()
        return nil
      }, context.toOpaque())
    self.thread = Mutex(code == 0 ? thread : nil)
    if code != 0 {
      context.release()
      session.close()
      throw .system(SystemError("pthread_create", code: code))
    }
  }

  /// A descriptor that is readable once the session has ended, by ``end()`` or an unmount. Valid as long as this value.
  var descriptor: CInt { session.ended.descriptor }

  /// Unmounts the directory, even if files are open; they return ENOTCONN from then on. Later calls do nothing.
  func end() {
    thread.withLock { thread in
      guard let running = thread else { return }
      session.stop.signal()
      pthread_join(running, nil)
      session.close()
      thread = nil
    }
  }
}

/// A libfuse session and its loop: created, served by one thread, then closed.
private final class FUSESession: Sendable {
  let stop: Wake
  let ended: Wake
  private let server: SysfsServer
  /// Address of the `struct fuse`; an integer, because pointers are not Sendable.
  private let address: UInt

  init(_ server: SysfsServer, at path: String) throws(LinesError) {
    self.server = server
    do throws(SystemError) {
      stop = try Wake()
      ended = try Wake()
    } catch { throw .system(error) }

    var operations = FUSEOperations.table()
    let context = Unmanaged.passUnretained(server).toOpaque()
    var mounted: OpaquePointer?
    let reason = FUSELog.capture {
      mounted = fw_fuse_new("fsname=firstword-lines,subtype=lines", &operations, context)
      if let fuse = mounted, fuse_mount(fuse, path) != 0 {
        fuse_destroy(fuse)
        mounted = nil
      }
    }
    guard let fuse = mounted else { throw .mount(path: path, reason: reason ?? "libfuse gave no reason") }
    // The kernel can withdraw a request between poll and read; the read must not block then.
    let descriptor = fuse_session_fd(fuse_get_session(fuse))
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
      let code = errno
      fuse_unmount(fuse)
      fuse_destroy(fuse)
      throw .system(SystemError("fcntl", path: path, code: code))
    }
    address = UInt(bitPattern: fuse)
  }

  /// Serves requests until `stop` is signalled or the directory is unmounted.
  func serve() {
    // The program's own threads handle signals.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    defer { ended.signal() }

    let session = fuse_get_session(OpaquePointer(bitPattern: address))
    var buffer = fuse_buf()
    defer { free(buffer.mem) }
    var poll = Poll()
    let requests = poll.add(fuse_session_fd(session), events: POLLIN)
    let stopped = poll.add(stop.descriptor, events: POLLIN)
    while fuse_session_exited(session) == 0 {
      do { try poll.wait(until: nil) } catch { return }
      if poll.answer(stopped) != 0 { return }
      if poll.answer(requests) == 0 { continue }
      let count = fuse_session_receive_buf(session, &buffer)
      if count > 0 {
        fuse_session_process_buf(session, &buffer)
      } else if count != -EAGAIN && count != -EINTR {
        return
      }
    }
  }

  /// Unmounts the directory. Call it once, after ``serve()`` has returned.
  func close() {
    server.releaseAll()
    let fuse = OpaquePointer(bitPattern: address)
    fuse_unmount(fuse)
    fuse_destroy(fuse)
  }
}
