import Encoding
import Posix
import Testing

@testable import Kit
@testable import KitBuilder

/// A kit taken apart, to be put together again in ways that no builder would.
private final class Bench {
  let directory: Directory
  let publisher: PublicKey
  var entries: [String: [UInt8]] = [:]

  init(_ manifest: KitManifest = Sample.kit, _ bundles: [PackedBundle] = Sample.bundles) throws {
    directory = try Directory()
    publisher = try SecretKey.generate(name: directory.file("publisher"), passphrase: nil)
    let path = directory.file("whole.kit")
    try Pack.write(manifest, bundles: bundles, signedBy: try key("publisher"), to: path)
    let archive = try Archive(path: path)
    for entry in archive.entries.dropFirst() { entries[entry.name] = try archive.read(entry, limit: 1 << 24) }
  }

  func key(_ name: String) throws -> SecretKey { try SecretKey(reading: directory.file("\(name).key")) { _ in nil } }

  /// A further publisher.
  func stranger(_ name: String) throws -> PublicKey {
    try SecretKey.generate(name: directory.file(name), passphrase: nil)
  }

  func sign(_ name: String, by publisher: String = "publisher", as entry: String? = nil) throws {
    let content = try #require(entries[name])
    let signature = try key(publisher).sign(content, trustedComment: "by \(publisher)")
    entries[entry ?? KitLayout.signature(of: name)] = signature.file
  }

  /// Changes a manifest and makes all hashes and signatures right again: what a careless publisher could do.
  func edit(_ name: String, _ change: (String) -> String) throws {
    let old = String(decoding: try #require(entries[name]), as: UTF8.self)
    let new = change(old)
    #expect(new != old, "the edit changed nothing")
    entries[name] = Array(new.utf8)
    try sign(name)
    if name != KitLayout.manifest {
      try edit(KitLayout.manifest) { $0.replacing(Digest.sha256(old), with: Digest.sha256(new)) }
    }
  }

  func write() throws -> String {
    try Pack.write(entries.map { ($0.key, $0.value) }, to: directory.file("new.kit"))
    return directory.file("new.kit")
  }

  func open() throws -> KitFile { try KitFile(path: try write()) }

  /// The error of opening it, without the path in front.
  func refusal() throws -> String {
    let path = try write()
    let line = try #require(failure { () throws(KitError) in _ = try KitFile(path: path) }?.description)
    #expect(!line.contains("\n"))
    #expect(line.hasPrefix(path + ": "))
    return String(line.dropFirst(path.count + 2))
  }
}

@Suite("A kit is opened")
struct KitFileTests {
  @Test("but its publisher is not trusted: the error names the key, and only this one can be overridden")
  func untrusted() throws {
    let bench = try Bench()
    let kit = try bench.open()
    let stranger = try bench.stranger("stranger")
    for trusted in [TrustedKeys([]), TrustedKeys([stranger])] {
      let error = failure { () throws(KitError) in try kit.signer(trustedBy: trusted) }
      #expect(error?.isUntrusted == true)
      #expect(error?.cause == .untrusted([bench.publisher.id]))
      #expect(error?.description.contains("signed by \(bench.publisher.id), which is not a trusted key") == true)
    }
    #expect(kit.claimedSigners.map(\.key) == [bench.publisher.id])
    #expect(kit.faults() == [])
    #expect(try kit.signer(trustedBy: TrustedKeys([stranger, bench.publisher])).key == bench.publisher.id)
  }

  @Test("and a key with the publisher's id but another point does not make it trusted")
  func sameID() throws {
    let bench = try Bench()
    let impostor = PublicKey(id: bench.publisher.id, point: try bench.stranger("impostor").point)
    let kit = try bench.open()
    let error = failure { () throws(KitError) in try kit.signer(trustedBy: TrustedKeys([impostor])) }
    #expect(error?.cause == .signature(.wrongContent))
    #expect(error?.isUntrusted == false)
    #expect(try kit.signer(trustedBy: TrustedKeys([impostor, bench.publisher])).key == bench.publisher.id)
  }

  @Test("and a further publisher's signature counts like the first")
  func furtherSignature() throws {
    let bench = try Bench()
    let second = try bench.stranger("second")
    for name in [KitLayout.manifest, KitLayout.bundle("ro"), KitLayout.bundle("cmn-Hans")] {
      try bench.sign(name, by: "second", as: KitLayout.signature(of: name, by: second.id))
    }
    let kit = try bench.open()
    let signer = try kit.signer(trustedBy: TrustedKeys([second]))
    #expect(signer == KitFile.Signer(key: second.id, comment: "by second"))
    #expect(try kit.signer(trustedBy: TrustedKeys([second, bench.publisher])).key == bench.publisher.id)
    #expect(kit.claimedSigners.map(\.key) == [bench.publisher.id, second.id])
    // A further signature of a trusted key that does not fit is no trifle, though the first one does.
    bench.entries[KitLayout.manifest + ".\(second.id).minisig"] =
      bench.entries[KitLayout.bundle("ro") + ".\(second.id).minisig"]
    let broken = try bench.open()
    try broken.signer(trustedBy: TrustedKeys([bench.publisher]))
    let error = failure { () throws(KitError) in
      try broken.signer(trustedBy: TrustedKeys([bench.publisher, second]))
    }
    #expect(error?.entry == KitLayout.manifest + ".\(second.id).minisig")
    // Nor may the file's name speak of another key.
    bench.entries[KitLayout.manifest + ".0123456789ABCDEF.minisig"] = bench.entries["kit.json.minisig"]
    #expect(try bench.refusal().contains("made with the key \(bench.publisher.id)"))
  }

  @Test("and one key that signed twice is one signer")
  func sameSignerTwice() throws {
    let bench = try Bench()
    for name in [KitLayout.manifest, KitLayout.bundle("ro")] {
      try bench.sign(name, as: KitLayout.signature(of: name, by: bench.publisher.id))
    }
    let kit = try bench.open()
    try kit.signer(trustedBy: TrustedKeys([bench.publisher]))
    #expect(kit.claimedSigners.map(\.key) == [bench.publisher.id])
    #expect(kit.claimedSigners(of: try #require(kit.bundle("ro"))).map(\.key) == [bench.publisher.id])
  }

  @Test("and another publisher's bundle counts only if that publisher is trusted too")
  func otherBundle() throws {
    let bench = try Bench()
    let other = try bench.stranger("other")
    try bench.sign(KitLayout.bundle("ro"), by: "other")
    let kit = try bench.open()
    let error = failure { () throws(KitError) in try kit.signer(trustedBy: TrustedKeys([bench.publisher])) }
    #expect(error?.cause == .untrusted([other.id]))
    #expect(error?.entry == "languages/ro/bundle.json")
    #expect(try kit.verifyAll(trustedBy: TrustedKeys([bench.publisher, other])).faults.isEmpty)
  }

  @Test("but a manifest was changed after it was signed")
  func changedManifest() throws {
    let bench = try Bench()
    let text = String(decoding: try #require(bench.entries["kit.json"]), as: UTF8.self)
    bench.entries["kit.json"] = Array(text.replacing("\"version\" : \"1.0\"", with: "\"version\" : \"1.1\"").utf8)
    let kit = try bench.open()
    #expect(kit.manifest.version == "1.1")
    let error = failure { () throws(KitError) in try kit.signer(trustedBy: TrustedKeys([bench.publisher])) }
    #expect(error?.cause == .signature(.wrongContent))
    #expect(error?.entry == "kit.json.minisig")
  }

  @Test(
    "but it says that it is no draft, although a clip for listeners is speech synthesis or not approved: refused",
    arguments: [
      ("", "speech synthesis"), ("\"synthetic\" : true", "draft"), ("\"status\" : \"draft\"", "speech synthesis"),
    ])
  func falseRelease(_ corrected: String, _ fault: String) throws {
    let bench = try Bench()
    try bench.edit("kit.json") { $0.replacing("\"draft\" : true", with: "\"draft\" : false") }
    for tag in ["ro", "cmn-Hans"] where !corrected.isEmpty {
      let right = corrected.contains("status") ? "\"status\" : \"approved\"" : "\"synthetic\" : false"
      try bench.edit(KitLayout.bundle(tag)) { $0.replacing(corrected, with: right) }
    }
    #expect(
      try bench.refusal()
        == "kit.json: draft: is false, but languages/ro/f1/03-safe-here.opus is \(fault); build the kit again")
  }

  @Test("and it is released, although the device's own voice is speech synthesis, which only the responder hears")
  func operatorsVoice() throws {
    let bench = try Bench()
    for name in ["ro", "cmn-Hans"].map(KitLayout.bundle) {
      try bench.edit(name) {
        $0.replacing("\"status\" : \"draft\"", with: "\"status\" : \"approved\"").replacing(
          "\"synthetic\" : true", with: "\"synthetic\" : false")
      }
    }
    try bench.edit("kit.json") { $0.replacing("\"draft\" : true", with: "\"draft\" : false") }
    #expect(try !bench.open().manifest.draft)
    try bench.edit(KitLayout.bundle("ro")) {
      $0.replacing("\"synthetic\" : false", with: "\"synthetic\" : true")
    }
    try bench.edit("kit.json") { $0.replacing("\"opening\"", with: "\"operator\"") }
    #expect(try !bench.open().manifest.draft)
  }

  @Test("but a manifest has a key twice: refused, because readers disagree about which of the two counts")
  func doubleKey() throws {
    let bench = try Bench()
    try bench.edit("kit.json") {
      $0.replacing("\"draft\" : true", with: "\"draft\" : true,\n  \"dr\\u0061ft\" : false")
    }
    #expect(try bench.refusal() == "kit.json: draft: is there twice in its object; build the kit again")
    let other = try Bench()
    try other.edit(KitLayout.bundle("ro")) {
      $0.replacing("\"tag\" : \"ro\"", with: "\"tag\" : \"ro\",\n  \"tag\" : \"ro\"")
    }
    #expect(try other.refusal().hasPrefix("languages/ro/bundle.json: tag: is there twice in its object"))
  }

  @Test("and its count of approvals is read, and refused where it is out of range or names no key")
  func approvals() throws {
    let bench = try Bench()
    func count(_ text: String) throws {
      try bench.edit(KitLayout.bundle("ro")) { old in
        let start = old.firstRange(of: "\"autonym\"")!.lowerBound
        return "{\n  \"approvals\" : \(text),\n  " + old[start...]
      }
    }
    try count(#"{"keys": ["00000000000000A1"], "proved": 1, "unproved": 3}"#)
    #expect(
      try bench.open().bundle("ro")?.approvals == ApprovalCount(proved: 1, unproved: 3, keys: ["00000000000000A1"]))
    for (text, why) in [
      (#"{"keys": ["Ana"], "proved": 1, "unproved": 3}"#, "approvals.keys[0]: is no key id"),
      (#"{"keys": [], "proved": -1, "unproved": 3}"#, "approvals.proved: is -1, not 0 to 1000000"),
    ] {
      try count(text)
      #expect(try bench.refusal() == "languages/ro/bundle.json: \(why); build the kit again")
    }
  }

  @Test("but a bundle differs from the one that kit.json names")
  func exchangedBundle() throws {
    let bench = try Bench()
    let text = String(decoding: try #require(bench.entries["languages/ro/bundle.json"]), as: UTF8.self)
    bench.entries["languages/ro/bundle.json"] = Array(text.replacing("siguranță", with: "pericol").utf8)
    try bench.sign("languages/ro/bundle.json")
    #expect(
      try bench.refusal()
        == "languages/ro/bundle.json: damaged: its SHA-256 is not the one in kit.json; "
        + "get the file again from its publisher")
  }

  @Test("but an entry is missing or added")
  func entries() throws {
    for name in [
      "kit.json", "kit.json.minisig", "languages/ro/bundle.json", "languages/ro/bundle.json.minisig",
      "languages/ro/f1/03-safe-here.opus",
    ] {
      let bench = try Bench()
      bench.entries[name] = nil
      #expect(try bench.refusal() == "\(name): missing; get the file again from its publisher")
    }
    for name in ["README", "languages/ro/f1/05-other.opus", "languages/xx/bundle.json", "other.json.minisig"] {
      let bench = try Bench()
      bench.entries[name] = name.hasSuffix(".minisig") ? bench.entries["kit.json.minisig"] : [1]
      #expect(try bench.refusal() == "\(name): no manifest names this entry; get the file again from its publisher")
    }
  }

  @Test("but a clip has another size than its manifest says")
  func clipSize() throws {
    let bench = try Bench()
    bench.entries["languages/ro/f1/03-safe-here.opus"]?.append(0)
    #expect(try bench.refusal().contains("damaged: it has 301 bytes instead of 300"))
  }

  @Test("but a manifest has a newer format, which is reported before missing keys")
  func newerForm() throws {
    let bench = try Bench()
    try bench.edit("kit.json") { $0.replacing("firstword-kit/2", with: "firstword-kit/3") }
    #expect(
      try bench.refusal()
        == "kit.json: its format is firstword-kit/3, this program reads firstword-kit/2; "
        + "use a newer firstword")
    try bench.edit("kit.json") { $0.replacing("\"prompts\"", with: "\"sayings\"") }
    #expect(try bench.refusal().contains("its format is firstword-kit/3"))
    let other = try Bench()
    try other.edit("languages/ro/bundle.json") { $0.replacing("firstword-bundle/2", with: "firstword-bundle/9") }
    #expect(try other.refusal().contains("languages/ro/bundle.json: its format is firstword-bundle/9"))
  }

  @Test("but a manifest is not JSON or lacks a key: the error names the key")
  func noManifest() throws {
    let bench = try Bench()
    try bench.edit("kit.json") { $0.replacing("\"caution\" : \"\"", with: "\"warning\" : \"\"") }
    #expect(try bench.refusal() == "kit.json: prompts[0].caution: missing; build the kit again")
    let cut = try Bench()
    try cut.edit("kit.json") { String($0.dropLast(20)) }
    #expect(
      try cut.refusal()
        == "kit.json: is not valid JSON, or has a fraction where a whole number belongs; build the kit again")
  }

  @Test("but a signed manifest is inconsistent")
  func nonsense() throws {
    for (name, old, new, expected) in [
      ("kit.json", "\"name\" : \"sample\"", "\"name\" : \"../x\"", "name: has a character that is not allowed there"),
      ("kit.json", "\"number\" : 4", "\"number\" : 3", "prompts[1].number: not above the number before it"),
      ("kit.json", "\"number\" : 4", "\"number\" : 5", "bundles[0]: languages/ro/f1/04-interpreter-coming.opus has an"),
      ("kit.json", "\"id\" : \"safe-here\"", "\"id\" : \"stop\"", "prompts[0].id: stop is the name of a control"),
      (
        "kit.json", "languages/ro/bundle.json", "languages/cmn-Hans/bundle.json",
        "bundles[0].manifest: not languages/ro"
      ),
      ("languages/ro/bundle.json", "\"tag\" : \"ro\"", "\"tag\" : \"mo\"", "tag: is not ro, as bundles[0] says"),
      ("languages/ro/bundle.json", "\"bytes\" : 300", "\"bytes\" : 0", "clips[0].bytes: is 0, not 1 to"),
      ("languages/ro/bundle.json", "\"onset\" : 480", "\"onset\" : 48001", "clips[0].onset: is 48001, not 0 to 48000"),
      ("languages/ro/bundle.json", "/03-safe-here.opus", "/../../x.opus", "clips[0].file: not languages/ro/f1/03"),
      ("languages/ro/bundle.json", "limba 3", "limba\\u001b[2J", "autonym: has a control character"),
      ("languages/ro/bundle.json", "\"status\" : \"draft\"", "\"status\" : \"good\"", "clips[0].status: "),
      ("languages/ro/bundle.json", "\"frames\" : 48000", "\"frames\" : 1.5", "has a fraction"),
      ("languages/ro/bundle.json", "\"frames\" : 48000", "\"frames\" : 1e300", "has a fraction"),
    ] {
      let bench = try Bench()
      try bench.edit(name) { $0.replacing(old, with: new) }
      let line = try bench.refusal()
      #expect(line.contains(expected), "\(new): \(line)")
    }
  }

  @Test("but two languages have the same number")
  func sameNumber() throws {
    let bench = try Bench()
    // Only the language's own number stands above its regions.
    try bench.edit("languages/ro/bundle.json") {
      $0.replacing(/"number" : 3,(?=\s+"regions")/, with: "\"number\" : 9,")
    }
    #expect(try bench.refusal() == "kit.json: bundles[1]: cmn-Hans has the number of ro; build the kit again")
  }

  @Test("but a clip's text differs from the recorded wording")
  func otherWording() throws {
    let bench = try Bench()
    try bench.edit("languages/ro/bundle.json") { $0.replacing("siguranță", with: "pericol") }
    let kit = try bench.open()
    let faults = try kit.verifyAll(trustedBy: TrustedKeys([bench.publisher])).faults
    #expect(faults.map(\.description).allSatisfy { $0.contains("wording: is not the SHA-256 of the text") })
    #expect(faults.count == 2)
  }

  @Test("but a manifest is too large: it is refused before it is read")
  func tooLarge() throws {
    let bench = try Bench()
    bench.entries["kit.json"] = [UInt8](repeating: 32, count: 5 << 20)
    #expect(try bench.refusal().contains("a kit may not have more"))
    let signed = try Bench()
    signed.entries["kit.json.minisig"] = [UInt8](repeating: 32, count: 17 << 10)
    #expect(try signed.refusal().contains("a kit may not have more"))
  }

  @Test("and progress is reported for each clip")
  func progress() throws {
    let bench = try Bench()
    var told: [[Int]] = []
    _ = try bench.open().verifyAll(trustedBy: TrustedKeys([bench.publisher])) { told.append([$0, $1]) }
    #expect(told == [[1, 4], [2, 4], [3, 4], [4, 4]])
  }

  @Test(
    "and other programs agree: unzip finds no fault and minisign verifies",
    .enabled(if: Stranger.isHere(Stranger.minisign) && Stranger.isHere(Stranger.unzip)))
  func strangers() throws {
    let bench = try Bench()
    let tested = try run(Stranger.unzip, ["-t", bench.directory.file("whole.kit")])
    #expect(tested.code == 0, "\(tested.output)")
    #expect(tested.output.contains("No errors detected"))
    let unpacked = try run(
      Stranger.unzip, ["-q", bench.directory.file("whole.kit"), "-d", bench.directory.file("out")])
    #expect(unpacked.code == 0, "\(unpacked.output)")
    for (name, comment) in [
      ("kit.json", "firstword kit sample 1.0"), ("languages/ro/bundle.json", "firstword bundle ro of sample"),
    ] {
      let verified = try run(
        Stranger.minisign,
        ["-V", "-p", bench.directory.file("publisher.pub"), "-m", bench.directory.file("out/\(name)")])
      #expect(verified.code == 0, "\(verified.output)")
      #expect(verified.output.contains("Trusted comment: \(comment)\n"))
    }
  }
}
