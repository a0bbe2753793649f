import CFuse
import Glibc
import Posix
import Synchronization

/// A mounted tree: mounted when made, served by a thread of its own, and taken away by `end`.
///
/// One thread is enough, as no answer waits for anything, and it makes the end plain: wake it, join it, unmount.
final class FUSEMount: Sendable {
  private let session: FUSESession
  /// `nil` after the end.
  private let thread: Mutex<pthread_t?>

  /// Mounts `server` at an empty directory, an absolute path.
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

  /// Readable once the session is over, by `end` or because somebody unmounted the directory.
  var descriptor: CInt { session.ended.descriptor }

  /// Takes the mount away, also where files of it are open: they answer ENOTCONN from now on. Later calls do
  /// nothing.
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

/// The session of libfuse and the loop that serves it. Made, served by one thread, then closed.
private final class FUSESession: Sendable {
  let stop: Wake
  let ended: Wake
  private let server: SysfsServer
  /// Address of the `struct fuse`. (An address, because a pointer may not cross threads.)
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
    let reason = FUSELog.listening {
      mounted = fw_fuse_new("fsname=firstword-lines,subtype=lines", &operations, context)
      if let fuse = mounted, fuse_mount(fuse, path) != 0 {
        fuse_destroy(fuse)
        mounted = nil
      }
    }
    guard let fuse = mounted else { throw .mount(path: path, reason: reason ?? "libfuse gave no reason") }
    // A request can be taken back between poll and read: the read must not wait for the next one.
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

  /// Answers the kernel until `stop` or an unmount by somebody else.
  func serve() {
    // Signals are for the threads of the program.
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

  /// Unmounts; after `serve` has returned, and once.
  func close() {
    server.releaseAll()
    let fuse = OpaquePointer(bitPattern: address)
    fuse_unmount(fuse)
    fuse_destroy(fuse)
  }
}
