import CatalogueFixture
import Foundation
import Posix
import Testing

@testable import Project

@Suite struct ProjectLockTests {
  @Test("one process holds the lock at a time; another one reports the holder, waits, and gets it when it is free")
  func lock() async throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let project = scratch.directory
    let first = try ProjectLock(project) { _ in Issue.record("the lock was held") }
    let (lines, reports) = AsyncStream.makeStream(of: String.self)
    let thread = Thread {
      do {
        let second = try ProjectLock(project) { reports.yield($0) }
        let third = try FileDescriptor(opening: project, O_RDONLY | O_DIRECTORY)
        reports.yield(flock(third.raw, LOCK_EX | LOCK_NB) == -1 ? "alone" : "not alone")
        second.end()
        reports.yield(flock(third.raw, LOCK_EX | LOCK_NB) == 0 ? "free" : "not free")
      } catch { reports.yield("\(error)") }
      reports.finish()
    }
    thread.start()
    var iterator = lines.makeAsyncIterator()
    let line = await iterator.next()
    #expect(line?.contains("(process \(getpid()))") == true && line?.contains("this waits") == true, "\(line ?? "")")
    first.end()
    #expect(await iterator.next() == "alone")
    #expect(await iterator.next() == "free")
  }

  @Test("a missing directory is an error")
  func absent() { #expect(throws: SystemError.self) { try ProjectLock("/nowhere") { _ in } } }
}
