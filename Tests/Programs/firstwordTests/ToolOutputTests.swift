import Foundation
import Kit
import Posix
import TestSupport
import Testing

/// What the commands for kits and keys ask and print.
@Suite("Commands for kits and keys")
struct ToolOutputTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  @Test("keygen warns of a weak passphrase, and asks again until one is given twice alike")
  func keygen() throws {
    let program = try Files.programDirectory().appending("firstword").string
    let terminal = try PseudoTerminal([program, "keygen", "k"], in: place.directory, environment: [:])
    try terminal.wait(for: "Passphrase for k.key: ")
    terminal.type("hunter2\n")
    try terminal.wait(for: "Repeat it, or press Enter to choose another: ")
    terminal.type("\n")
    for (first, second) in [("correct horse battery", "correct house battery"), ("correct horse battery", nil)] {
      try terminal.wait(for: "Passphrase for k.key: ")
      terminal.type(first + "\n")
      try terminal.wait(for: "Repeat it: ")
      terminal.type((second ?? first) + "\n")
    }
    let (status, isRestored) = try terminal.end()
    #expect(status == 0 && isRestored, "\(terminal.shown)")
    #expect(terminal.shown.contains("weak: it has only 7 characters"))
    #expect(terminal.shown.components(separatedBy: "The two passphrases differ.").count == 2)
    let key = try SecretKey(reading: place.directory + "/k.key") { _ in Array("correct horse battery".utf8) }
    #expect(try PublicKey(reading: place.directory + "/k.pub") == key.publicKey)
  }

  @Test("check reports the missing recordings of a language in one line, and all of them as JSON")
  func missing() throws {
    #expect(try place.run("new", "p", "--languages", "ro,hi").status == 0)
    let checked = try place.run("check", "p")
    #expect(checked.status == 1)
    let lines = checked.output.split(separator: "\n").filter { $0.hasSuffix("[missing]") }
    #expect(lines.count == 2, "\(checked.output)")
    #expect(lines.allSatisfy { $0.contains("42 recordings are missing (") }, "\(lines)")
    let complete = try place.run("check", "p", "--json")
    #expect(complete.output.components(separatedBy: "\"code\" : \"missing\"").count > 40)
  }

  @Test("install --json reports the installed kit")
  func installation() throws {
    let sandbox = try Sandbox()
    let store = place.directory + "/store"
    #expect(try place.run("store", "trust", sandbox.publicKey, "--store", store).status == 0)
    let installed = try place.run("install", sandbox.kit, "--store", store, "--allow-draft", "--json")
    #expect(installed.status == 0, "\(installed.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(installed.output.utf8)) as? [String: Any], "\(installed.output)")
    #expect(report["kit"] as? String == "sounds" && report["version"] as? String == "1.0")
    #expect(report["draft"] as? Bool == true && report["active"] as? Bool == true)
    #expect(report["recalledClips"] as? Int == 0)
    let file = try #require(report["file"] as? String)
    #expect(Files.exists("\(store)/kits/\(file)"))
  }

  @Test("a card that cannot be opened is reported in the program's own line, without those of libasound")
  func absentCard() throws {
    let sandbox = try Sandbox()
    let played = try place.run("play", sandbox.kit, "ro", "safe-here", "--pcm", "no-such-card")
    #expect(played.status == 2)
    #expect(played.errors.hasPrefix("firstword: no-such-card: cannot play"))
    #expect(played.errors.split(separator: "\n").count == 1, "\(played.errors)")
    let probed = try place.run(
      "doctor", "--board", SourceTree.path + "/Hardware/boards/headless.yaml", "--pcm", "no-such-card")
    #expect(!"\(probed.output)\(probed.errors)".contains("ALSA lib"), "\(probed.errors)")
  }

  @Test("recall takes a key's id as people type it, and writes it as everywhere")
  func typedKey() throws {
    let added = try place.run("recall", "add", "r.json", "--key", "f8e5f611d9ca961", "--reason", "lost")
    #expect(added.status == 0, "\(added.errors)")
    #expect(try place.run("recall", "show", "r.json").output.contains("0F8E5F611D9CA961"))
    #expect(try place.run("recall", "remove", "r.json", "f8e5f611d9ca961").status == 0)
  }
}
