import Glibc
import Posix
import Simulator
import TestSupport
import Testing

@Suite("Lines served until a signal", .enabled(if: linesCanBeMounted))
struct ServedLines {
  @Test("A signal ends the service and leaves no mount behind", arguments: [SIGINT, SIGTERM, SIGHUP])
  func signal(number: CInt) throws {
    let folder = try LinesRig.newFolder()
    let ready = try Wake()
    let hand = Hand {
      let end = try Lines.serve(mountedAt: folder) { _ in ready.signal() }
      #expect(end == .signal)
    }
    #expect(try answer(ready.descriptor, within: longEnough, for: POLLIN) == POLLIN)
    #expect(Files.exists(folder + "/gpio/export"))
    // To that thread alone: the others of this process would die of it.
    hand.signal(number)
    try hand.finish()
    #expect(try Files.list(folder) == [])
    #expect(rmdir(folder) == 0)
  }

  @Test("An unmount by somebody else ends the service")
  func unmounted() throws {
    let folder = try LinesRig.newFolder()
    let ready = try Wake()
    let hand = Hand {
      let end = try Lines.serve(mountedAt: folder) { _ in ready.signal() }
      #expect(end == .unmounted)
    }
    #expect(try answer(ready.descriptor, within: longEnough, for: POLLIN) == POLLIN)
    #expect(umount2(folder, 0) == 0)
    try hand.finish()
    #expect(rmdir(folder) == 0)
  }

  @Test("The mount of a killed run is cleared away", .enabled(if: geteuid() == 0, "it needs root to make one"))
  func stale() throws {
    let folder = try LinesRig.newFolder()
    do {
      // What a killed server leaves: a mount whose other end is closed.
      let device = try FileDescriptor(opening: "/dev/fuse", O_RDWR)
      let options = "fd=\(device.raw),rootmode=40000,user_id=0,group_id=0"
      #expect(mount("killed", folder, "fuse", 0, options) == 0)
    }
    #expect(throws: SystemError("open", path: folder, code: ENOTCONN)) { try Files.list(folder) }
    let lines = try Lines.start(mountedAt: folder)
    #expect(Files.exists(lines.gpioRoot + "/export"))
    lines.unmount()
    #expect(rmdir(folder) == 0)
  }
}
