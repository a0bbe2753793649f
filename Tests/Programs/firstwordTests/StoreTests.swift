import Foundation
import Kit
import Posix
import Store
import TestSupport
import Testing

/// `firstword install` and `store`, run as a person runs them, and cut off at any moment.
@Suite("A device's store", .serialized)
struct StoreTests {
  private let place: Workplace
  private let store: String

  init() throws {
    place = try Workplace()
    store = place.directory + "/store"
    _ = try SecretKey.generate(name: place.directory + "/key", passphrase: nil)
    for version in ["1.0", "2.0"] {
      try Sandbox.writeKit(
        to: "\(place.directory)/\(version).kit", key: place.directory + "/key.key", draft: false, version: version)
    }
    let trusted = try place.run("store", "trust", "key.pub", "--store", store)
    #expect(trusted.status == 0, "\(trusted.errors)")
  }

  private func good(_ outcome: Program.Outcome, _ source: SourceLocation = #_sourceLocation) {
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: source)
  }

  @Test("install, list, rollback, prune")
  func wholeWay() throws {
    good(try place.run("install", "1.0.kit", "--store", store))
    let second = try place.run("install", "2.0.kit", "--store", store)
    good(second)
    #expect(second.output == "sounds 2.0  installed, and played from now on\n")
    let listed = try place.run("store", "list", "--store", store)
    good(listed)
    #expect(listed.output.contains("active  sounds  2.0") && listed.output.contains("before  sounds  1.0"))
    let back = try place.run("store", "rollback", "--store", store)
    #expect(back.output == "sounds 1.0  played from now on\n")
    let older = try place.run("install", "1.0.kit", "--store", store)
    #expect(older.status == 1 && older.errors.contains("--allow-downgrade"), "\(older.errors)")
    good(try place.run("store", "prune", "--store", store))
  }

  @Test("a missing store, a missing kit and an invalid kit are each reported in one line")
  func absent() throws {
    for (arguments, status) in [
      (["install", "1.0.kit", "--store", "nowhere"], 2), (["install", "none.kit", "--store", store], 2),
      (["install", "key.pub", "--store", store], 1), (["store", "rollback", "--store", store], 1),
    ] {
      let outcome = try Program.run(arguments, in: place.directory)
      #expect(outcome.status == status, "\(arguments)")
      #expect(outcome.errors.split(separator: "\n").count == 1 && outcome.errors.hasPrefix("firstword: "))
    }
  }

  /// The store plays a whole kit that is one of the two; says which.
  private func version(of directory: String, _ comment: String) -> String? {
    do {
      let choice = try Store(directory).snapshot().choose(acceptsDrafts: false)
      #expect(choice.passedOver.isEmpty, "\(comment): \(choice.passedOver)")
      #expect(choice.kit.faults().isEmpty, "\(comment)")
      return choice.kit.manifest.version
    } catch {
      Issue.record("\(comment): \(error)")
      return nil
    }
  }

  @Test("killed at any moment of an install, the store plays the old kit or the new one, and the next install succeeds")
  func killed() throws {
    good(try place.run("install", "1.0.kit", "--store", store))
    let start = Monotonic.now
    good(try place.run("install", "2.0.kit", "--store", store))
    let whole = Int(Monotonic.now.since(start) / 1000)
    // A thousand by hand: FIRSTWORD_TORTURE=1000 Tests/run --filter StoreTests
    let rounds = ProcessInfo.processInfo.environment["FIRSTWORD_TORTURE"].flatMap { Int($0) } ?? 40
    var ends = ["1.0": 0, "2.0": 0]
    var cut = 0
    let program = try Files.programDirectory().appending("firstword").string
    for round in 0..<rounds {
      let install = Process()
      install.executableURL = URL(fileURLWithPath: program)
      install.arguments = ["install", round % 2 == 0 ? "1.0.kit" : "2.0.kit", "--store", store, "--allow-downgrade"]
      install.currentDirectoryURL = URL(fileURLWithPath: place.directory)
      install.standardOutput = FileHandle.nullDevice
      install.standardError = FileHandle.nullDevice
      // Without the copy that is there the kit has to be brought in again.
      if round % 3 == 0 { good(try place.run("store", "prune", "--store", store)) }
      try install.run()
      usleep(UInt32.random(in: 0...UInt32(whole)))
      kill(install.processIdentifier, SIGKILL)
      install.waitUntilExit()
      if install.terminationReason == .uncaughtSignal { cut += 1 }
      if let version = version(of: store, "round \(round)") { ends[version, default: 0] += 1 }
    }
    #expect(cut > 0)
    #expect(ends.keys.sorted() == ["1.0", "2.0"])
    good(try place.run("install", "2.0.kit", "--store", store))
    good(try place.run("store", "prune", "--store", store))
    #expect(version(of: store, "at the end") == "2.0")
    #expect(try Files.list(store + "/kits").count <= 2)
  }

  @Test(
    "after a power cut at any moment of an install, with unsynced writes lost, the store plays the old kit or the new one",
    .disabled(if: Sanitizer.isOn, "a sanitizer has to be loaded before all others"))
  func powerCut() throws {
    good(try place.run("install", "1.0.kit", "--store", store))
    let before = place.directory + "/before"
    try FileManager.default.copyItem(atPath: store, toPath: before)
    let calls = try DiskCall.made(by: ["install", "2.0.kit", "--store", store], in: place.directory, below: store)
    #expect(calls.count > 10)
    var disk = try SimulatedDisk(before)
    var seen: [String] = []
    for (index, call) in ([nil] + calls.map { Optional($0) }).enumerated() {
      if let call { try disk.apply(call) }
      for (number, remains) in disk.afterPowerCut().enumerated() {
        let directory = "\(place.directory)/cut"
        try remains.write(to: directory)
        let comment = "power cut after call \(index) (\(call.map { "\($0)" } ?? "none")), remains \(number)"
        if let version = version(of: directory, comment), seen.last != version { seen.append(version) }
        try FileManager.default.removeItem(atPath: directory)
      }
    }
    // Both were seen, and after the last call the new one alone is possible.
    #expect(Set(seen) == ["1.0", "2.0"] && seen.last == "2.0", "\(seen)")
    #expect(disk.afterPowerCut().count == 1)
  }

  @Test(
    "a change that the disk does not confirm is reported as done and in doubt",
    .disabled(if: Sanitizer.isOn, "a sanitizer has to be loaded before all others"))
  func unconfirmed() throws {
    good(try place.run("install", "1.0.kit", "--store", store))
    let library = try Files.programDirectory().appending("libdiskspy.so").string
    let install = Process()
    install.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending("firstword").string)
    install.arguments = ["install", "2.0.kit", "--store", store]
    install.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    install.environment = ProcessInfo.processInfo.environment.merging(
      [
        "LD_PRELOAD": library, "DISKSPY_ROOT": store, "DISKSPY_LOG": place.directory + "/calls", "DISKSPY_BROKEN": ".",
      ]) { $1 }
    let errors = Pipe()
    (install.standardOutput, install.standardError) = (FileHandle.nullDevice, errors)
    try install.run()
    let message = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    install.waitUntilExit()
    #expect(install.terminationStatus == 2)
    #expect(message.contains("done and in effect, but the disk did not confirm it"), "\(message)")
    #expect(version(of: store, "after the install") == "2.0")
  }
}
