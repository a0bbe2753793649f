import Glibc
import Posix
import Simulator
import TestSupport
import Testing

@Suite("Lines.serve", .enabled(if: linesCanBeMounted))
struct ServedLines {
  @Test("A signal ends the service and unmounts the directory", arguments: [SIGINT, SIGTERM, SIGHUP])
  func signal(number: CInt) throws {
    let directory = try LinesRig.newDirectory()
    let ready = try Wake()
    let thread = BackgroundThread {
      let end = try Lines.serve(mountedAt: directory) { _ in ready.signal() }
      #expect(end == .signal)
    }
    #expect(try answer(ready.descriptor, within: longEnough, for: POLLIN) == POLLIN)
    #expect(Files.exists(directory + "/gpio/export"))
    // To that thread alone: it would kill the process through any other.
    thread.signal(number)
    try thread.finish()
    #expect(try Files.list(directory) == [])
    #expect(rmdir(directory) == 0)
  }

  @Test("An unmount by another program ends the service")
  func unmounted() throws {
    let directory = try LinesRig.newDirectory()
    let ready = try Wake()
    let thread = BackgroundThread {
      let end = try Lines.serve(mountedAt: directory) { _ in ready.signal() }
      #expect(end == .unmounted)
    }
    #expect(try answer(ready.descriptor, within: longEnough, for: POLLIN) == POLLIN)
    #expect(umount2(directory, 0) == 0)
    try thread.finish()
    #expect(rmdir(directory) == 0)
  }

  @Test("The mount of a killed run is removed", .enabled(if: geteuid() == 0, "needs root to make one"))
  func stale() throws {
    let directory = try LinesRig.newDirectory()
    do {
      // A killed server leaves a mount whose other end is closed.
      let device = try FileDescriptor(opening: "/dev/fuse", O_RDWR)
      let options = "fd=\(device.raw),rootmode=40000,user_id=0,group_id=0"
      #expect(mount("killed", directory, "fuse", 0, options) == 0)
    }
    #expect(throws: SystemError("open", path: directory, code: ENOTCONN)) { try Files.list(directory) }
    let lines = try Lines.start(mountedAt: directory)
    #expect(Files.exists(lines.gpioRoot + "/export"))
    lines.unmount()
    #expect(rmdir(directory) == 0)
  }
}
