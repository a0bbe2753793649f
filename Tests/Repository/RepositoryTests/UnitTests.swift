import Foundation
import TestSupport
import Testing

/// Hardware/systemd/firstwordd.service.
@Suite("The daemon's unit")
struct UnitTests {
  /// The values of the section [Service], by key.
  private static func service() throws -> [String: [String]] {
    let text = try String(contentsOfFile: SourceTree.path + "/Hardware/systemd/firstwordd.service", encoding: .utf8)
    let afterHeading = try #require(text.components(separatedBy: "[Service]").last)
    let section = try #require(afterHeading.components(separatedBy: "\n[").first)
    var values: [String: [String]] = [:]
    for line in section.split(separator: "\n") where !line.hasPrefix("#") {
      guard let mark = line.firstIndex(of: "=") else { continue }
      values[String(line[..<mark]), default: []].append(String(line[line.index(after: mark)...]))
    }
    return values
  }

  @Test("a stalled loop, an audio thread that never pauses, and memory without an end restart the daemon")
  func limits() throws {
    let service = try Self.service()
    #expect(service["Type"] == ["notify"] && service["Restart"] == ["always"])
    let watchdog = try #require(service["WatchdogSec"]?.first.flatMap { Int($0) })
    // Longer than the loop's longest turn, the 5 s for the journal at the end; shorter than a person waits.
    #expect((10...60).contains(watchdog))
    #expect(service["LimitRTTIME"] == ["500ms"])
    #expect(service["MemoryMax"] == ["256M"])
    #expect(service["LimitCORE"] == ["0"])
  }
}
