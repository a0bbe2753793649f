import Foundation
import TestSupport
import Testing

/// The files of Hardware/systemd.
@Suite("The units of a device")
struct UnitTests {
  /// The values of a section, by key.
  private static func section(_ name: String, of unit: String) throws -> [String: [String]] {
    let text = try String(contentsOfFile: SourceTree.path + "/Hardware/systemd/" + unit, encoding: .utf8)
    let afterHeading = try #require(text.components(separatedBy: "[\(name)]").last)
    let section = try #require(afterHeading.components(separatedBy: "\n[").first)
    var values: [String: [String]] = [:]
    let lines = section.replacingOccurrences(of: "\\\n", with: "").split(separator: "\n")
    for line in lines where !line.hasPrefix("#") {
      guard let mark = line.firstIndex(of: "=") else { continue }
      values[String(line[..<mark]), default: []].append(String(line[line.index(after: mark)...]))
    }
    return values
  }

  private static func service() throws -> [String: [String]] { try section("Service", of: "firstwordd.service") }

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

  @Test("a machine without a board does not start the daemon again and again, and a device without a kit does")
  func conditions() throws {
    let unit = try Self.section("Unit", of: "firstwordd.service")
    #expect(unit["ConditionPathExists"] == ["/etc/firstword/board.json"])
    #expect(unit["StartLimitIntervalSec"] == ["0"])
  }

  @Test("the daemon's own files are in its directory alone, and the store is root's")
  func owners() throws {
    let service = try Self.service()
    #expect(service["User"] == ["firstword"])
    #expect(service["StateDirectory"] == ["firstword/daemon"])
    #expect(service["ReadWritePaths"] == nil && service["ProtectSystem"] == ["strict"])
    let words = try #require(service["ExecStart"]?.first).split(separator: " ").map(String.init)
    let values = Dictionary(zip(words, words.dropFirst()), uniquingKeysWith: { $1 })
    #expect(values["--store"] == "/var/lib/firstword" && values["--state"] == "/var/lib/firstword/daemon")
    #expect(values["--journal"] == "/var/lib/firstword/daemon/journal")
    let files = try String(contentsOfFile: SourceTree.path + "/Hardware/systemd/firstword.tmpfiles", encoding: .utf8)
    #expect(files.contains("\nd /var/lib/firstword 0755 root root -\n"))
    #expect(files.contains("\nd /var/spool/firstword 0755 root root -\n"))
    #expect(files.contains("\nd /var/spool/firstword/in 3770 root firstword 1d\n"))
  }

  @Test(
    "root's services have no network, few rights, and write to the store and the spool alone; migration comes first")
  func rootServices() throws {
    for (name, command, rights, paths) in [
      ("store", "apply", "CAP_DAC_READ_SEARCH", "-/var/lib/firstword -/var/spool/firstword"),
      ("migrate", "migrate", "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER", "-/var/lib/firstword"),
    ] {
      let service = try Self.section("Service", of: "firstword-\(name).service")
      #expect(service["Type"] == ["oneshot"] && service["User"] == nil)
      #expect(service["ExecStart"] == ["/usr/bin/firstword store \(command)"])
      #expect(service["CapabilityBoundingSet"] == [rights] && service["ReadWritePaths"] == [paths])
      for key in ["NoNewPrivileges", "PrivateNetwork", "PrivateDevices", "PrivateTmp", "MemoryDenyWriteExecute"] {
        #expect(service[key] == ["yes"], "\(name): \(key)")
      }
      #expect(service["ProtectSystem"] == ["strict"] && service["MemoryMax"] == ["512M"])
    }
    let migration = try Self.section("Unit", of: "firstword-migrate.service")
    #expect(migration["Before"] == ["firstwordd.service firstword-store.service"])
    let daemon = try Self.section("Unit", of: "firstwordd.service")
    let wanted = daemon["Wants"]?.flatMap { $0.split(separator: " ").map(String.init) } ?? []
    let paths = ["store", "stick-keys", "stick-journal", "power-off", "system", "good"].map { "firstword-\($0).path" }
    #expect(wanted == ["firstword-migrate.service"] + paths + ["firstword-trial.timer"])
    #expect(daemon["After"]?.first?.contains("firstword-migrate.service") == true)
    // Unfinished files have hidden names, which the patterns do not match.
    let spool = try Self.section("Path", of: "firstword-store.path")
    let patterns = ["kit", "json", "pub"].map { "/var/spool/firstword/in/*.\($0)" }
    #expect(spool["PathExistsGlob"] == patterns)
  }

  @Test("what follows a channel has the network, a user of its own, and writes to its folder and the spool alone")
  func channel() throws {
    let service = try Self.section("Service", of: "sync/firstword-sync.service")
    #expect(service["ExecStart"] == ["/usr/bin/firstword-sync --once --wait 600"])
    #expect(service["RuntimeDirectory"] == ["firstword-sync"] && service["UMask"] == ["0022"])
    #expect(service["User"] == ["firstword-sync"] && service["SupplementaryGroups"] == ["firstword"])
    #expect(service["ReadWritePaths"] == ["-/var/spool/firstword/in"] && service["ProtectSystem"] == ["strict"])
    #expect(service["StateDirectory"] == ["firstword-sync"] && service["CapabilityBoundingSet"] == [""])
    #expect(service["RestrictAddressFamilies"] == ["AF_UNIX AF_INET AF_INET6"])
    for key in ["NoNewPrivileges", "PrivateDevices", "PrivateTmp", "ProtectHome", "MemoryDenyWriteExecute"] {
      #expect(service[key] == ["yes"], "\(key)")
    }
    // A device that follows no channel starts nothing.
    for unit in ["service", "timer"] {
      let section = try Self.section("Unit", of: "sync/firstword-sync.\(unit)")
      #expect(section["ConditionPathExists"] == ["/etc/firstword/channel.json"])
    }
    let timer = try Self.section("Timer", of: "sync/firstword-sync.timer")
    #expect(timer["RandomizedDelaySec"] == ["2h"])
  }

  @Test("what takes a channel from a stick may mount it, has no network, and ends a transfer that is under way")
  func channelStick() throws {
    let unit = try Self.section("Unit", of: "sync/firstword-sync-stick@.service")
    #expect(unit["ConditionPathExists"] == ["/etc/firstword/channel.json"])
    #expect(unit["Conflicts"] == ["firstword-sync.service"])
    #expect(unit["After"]?.first?.contains("firstword-stick@%i.service") == true)
    let service = try Self.section("Service", of: "sync/firstword-sync-stick@.service")
    #expect(service["ExecStart"] == ["/usr/bin/firstword-sync --stick /dev/%I --wait 600"])
    #expect(service["User"] == ["firstword-sync"] && service["DeviceAllow"] == ["block-sd rw"])
    #expect(service["CapabilityBoundingSet"] == ["CAP_SYS_ADMIN CAP_DAC_READ_SEARCH"])
    #expect(service["ReadWritePaths"] == ["-/var/spool/firstword/in"] && service["ProtectSystem"] == ["strict"])
    for key in ["NoNewPrivileges", "PrivateNetwork", "PrivateMounts", "PrivateTmp", "MemoryDenyWriteExecute"] {
      #expect(service[key] == ["yes"], "\(key)")
    }
  }

  @Test("what serves neighbours has no network but its connection, writes nothing, and reads no store")
  func neighbour() throws {
    let socket = try Self.section("Socket", of: "sync/firstword-sync-neighbour.socket")
    #expect(socket["Accept"] == ["yes"] && socket["MaxConnections"] == ["16"])
    let service = try Self.section("Service", of: "sync/firstword-sync-neighbour@.service")
    #expect(service["ExecStart"] == ["/usr/bin/busybox httpd -i -h /var/lib/firstword-sync/mirror"])
    #expect(service["DynamicUser"] == ["yes"] && service["ReadWritePaths"] == nil)
    #expect(service["InaccessiblePaths"]?.first?.hasPrefix("-/var/lib/firstword ") == true)
    for key in ["NoNewPrivileges", "PrivateNetwork", "PrivateDevices", "ProtectHome", "MemoryDenyWriteExecute"] {
      #expect(service[key] == ["yes"], "\(key)")
    }
  }

  @Test("what reads a stick may mount and read, and nothing else; the daemon's requests wait for files of its own")
  func stickServices() throws {
    for (name, verb, writes) in [
      ("stick@", "take /dev/%I", false), ("stick-keys", "keys", false), ("stick-journal", "journal", true),
    ] {
      let service = try Self.section("Service", of: "firstword-\(name).service")
      #expect(service["ExecStart"] == ["/usr/bin/firstword stick \(verb)"])
      let rights = "CAP_SYS_ADMIN CAP_DAC_READ_SEARCH" + (writes ? " CAP_DAC_OVERRIDE" : "")
      #expect(service["CapabilityBoundingSet"] == [rights])
      #expect(
        service["DevicePolicy"] == ["closed"] && service["DeviceAllow"] == [writes ? "block-sd rw" : "block-sd r"])
      #expect(service["ReadWritePaths"] == (writes ? nil : ["-/var/spool/firstword"]), "\(name): never the store")
      for key in ["NoNewPrivileges", "PrivateNetwork", "PrivateMounts", "PrivateTmp", "MemoryDenyWriteExecute"] {
        #expect(service[key] == ["yes"], "\(name): \(key)")
      }
    }
    let daemon = try Self.section("Service", of: "firstwordd.service")
    #expect(daemon["RuntimeDirectory"] == ["firstword firstword/ask"])
    for name in ["stick-keys", "stick-journal", "power-off"] {
      let path = try Self.section("Path", of: "firstword-\(name).path")
      #expect(path["PathExists"] == ["/run/firstword/ask/\(name)"])
      // The request is taken first: what fails does not start again for ever.
      let service = try Self.section("Service", of: "firstword-\(name).service")
      #expect(service["ExecStartPre"] == ["+/bin/rm -f /run/firstword/ask/\(name)"])
    }
  }
}
