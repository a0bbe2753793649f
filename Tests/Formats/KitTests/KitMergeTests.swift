import Posix
import Testing

@testable import Kit
@testable import KitBuilder

/// Publishers with keys, and the kits that they have signed.
private final class Market {
  let directory: Directory

  init() throws { directory = try Directory() }

  func publisher(_ name: String) throws -> PublicKey {
    try SecretKey.generate(name: directory.file(name), passphrase: nil)
  }

  func key(_ name: String) throws -> SecretKey { try SecretKey(reading: directory.file("\(name).key")) { _ in nil } }

  func kit(
    _ name: String, by publisher: String, _ bundles: [PackedBundle], change: (inout KitManifest) -> Void = { _ in }
  ) throws -> KitFile {
    var manifest = Sample.kit
    manifest.name = name
    change(&manifest)
    let path = directory.file("\(name).kit")
    try Pack.write(manifest, bundles: bundles, signedBy: try key(publisher), to: path)
    return try KitFile(path: path)
  }

  static func bundle(_ tag: String, _ number: Int, size: Int = 300, status: Status = .draft) -> PackedBundle {
    var clip = Sample.clip(3, "safe-here")
    (clip.status, clip.synthetic) = (status, status == .draft)
    return Sample.bundle(tag, number, clips: [clip], size: size)
  }
}

@Suite("Kits are merged")
struct KitMergeTests {
  private let market: Market
  private let one: PublicKey
  private let two: PublicKey
  private let mine: PublicKey

  init() throws {
    market = try Market()
    (one, two, mine) = (try market.publisher("one"), try market.publisher("two"), try market.publisher("mine"))
  }

  private func merge(_ parts: KitMerge.Part...) throws -> KitFile {
    let path = market.directory.file("merged.kit")
    try KitMerge(parts).write(name: "merged", version: "1", signedBy: try market.key("mine"), to: path)
    return try KitFile(path: path)
  }

  private func conflicts(_ parts: KitMerge.Part...) -> [String] {
    failure { () throws(KitMerge.Conflicts) in _ = try KitMerge(parts) }?.lines ?? []
  }

  @Test("each bundle keeps its bytes and its publisher's signature; the merger signs the kit")
  func signatures() throws {
    let a = try market.kit("a", by: "one", [Market.bundle("ro", 3), Market.bundle("bg", 4)])
    let b = try market.kit("b", by: "two", [Market.bundle("so", 5)])
    let kit = try merge(KitMerge.Part(a), KitMerge.Part(b))
    #expect(kit.bundles.map(\.tag) == ["ro", "bg", "so"])
    #expect(kit.claimedSigners.map(\.key) == [mine.id])
    #expect(try kit.verifyAll(trustedBy: TrustedKeys([mine, one, two])).faults == [])
    let known = [one, two, mine]
    for (source, tag, key) in [(a, "ro", one), (a, "bg", one), (b, "so", two)] {
      let name = KitLayout.bundle(tag)
      let before = try #require(try source.documents().first { $0.name == name })
      let after = try #require(try kit.documents().first { $0.name == name })
      #expect(after.text == before.text)
      #expect(after.signatures.map(\.signature) == before.signatures.map(\.signature))
      let signature = try #require(after.signatures.first?.signature)
      for publisher in known {
        #expect(((try? signature.verify(after.text, by: publisher)) != nil) == (publisher == key))
      }
    }
    // Who misses one publisher's key does not get that one's bundle.
    let error = failure { () throws(KitError) in try kit.signer(trustedBy: TrustedKeys([mine, one])) }
    #expect(error?.entry == KitLayout.bundle("so"))
  }

  @Test("minisign agrees with every signature of a merged kit", .enabled(if: Stranger.isHere(Stranger.minisign)))
  func minisign() throws {
    let a = try market.kit("a", by: "one", [Market.bundle("ro", 3)])
    let b = try market.kit("b", by: "two", [Market.bundle("so", 5)])
    for (document, publisher) in zip(try merge(KitMerge.Part(a), KitMerge.Part(b)).documents(), ["mine", "one", "two"])
    {
      let path = market.directory.file("document")
      try Files.replace(path, with: document.text)
      try Files.replace(path + ".minisig", with: try #require(document.signatures.first).signature.file)
      let answer = try run(Stranger.minisign, ["-V", "-m", path, "-p", market.directory.file("\(publisher).pub")])
      #expect(answer.code == 0, "\(document.name): \(answer.output)")
    }
  }

  @Test("the same kits in the same order give the same bytes")
  func deterministic() throws {
    let a = try market.kit("a", by: "one", [Market.bundle("ro", 3)])
    let b = try market.kit("b", by: "two", [Market.bundle("so", 5)])
    let first = try Files.read(try merge(KitMerge.Part(a), KitMerge.Part(b)).path)
    #expect(try Files.read(try merge(KitMerge.Part(a), KitMerge.Part(b)).path) == first)
    #expect(try merge(KitMerge.Part(b), KitMerge.Part(a)).bundles.map(\.tag) == ["so", "ro"])
  }

  @Test("only the selected languages are taken")
  func some() throws {
    let a = try market.kit("a", by: "one", [Market.bundle("ro", 3), Market.bundle("bg", 4)])
    let b = try market.kit("b", by: "two", [Market.bundle("ro", 3, size: 500), Market.bundle("so", 5)])
    let kit = try merge(KitMerge.Part(a, languages: ["bg"]), KitMerge.Part(b))
    #expect(kit.bundles.map(\.tag) == ["bg", "ro", "so"])
    #expect(kit.bundle("ro")?.clips.first?.bytes == 500)
    #expect(
      conflicts(KitMerge.Part(a, languages: ["de"])).first?.contains("no language 'de' in it; it has ro, bg") == true)
  }

  @Test("a kit is a draft if one of its parts is, even if its clips do not show why")
  func drafts() throws {
    let mixed = try market.kit("a", by: "one", [Market.bundle("ro", 3), Market.bundle("bg", 4, status: .approved)])
    let done = try market.kit("b", by: "two", [Market.bundle("so", 5, status: .approved)]) { $0.draft = false }
    #expect(try merge(KitMerge.Part(done), KitMerge.Part(mixed, languages: ["bg"])).manifest.draft)
    #expect(try !merge(KitMerge.Part(done)).manifest.draft)
  }

  @Test("finders, sequences and the device's voice are merged; the first kit's are used where they differ")
  func device() throws {
    func kit(_ name: String, by publisher: String, _ bundle: PackedBundle, size: Int) throws -> KitFile {
      var line = Sample.clip(100, "device-ready")
      line.status = .approved
      let voice = Sample.bundle("en", 0, clips: [line], size: size)
      return try market.kit(name, by: publisher, [bundle, voice]) {
        var ready = Sample.prompt(100, "device-ready")
        ready.module = KitPrompt.operatorModule
        $0.prompts.append(ready)
        $0.operatorLanguage = "en"
        $0.finder = KitFinder(languages: [bundle.manifest.tag], pause: 1000 * size / 100)
        $0.sequences = [
          KitSequence(id: "start", title: name, steps: [.init(prompt: "safe-here", pause: 1)]),
          KitSequence(id: "only-\(name)", title: "t", steps: [.init(prompt: "safe-here", pause: 1)]),
        ]
      }
    }
    let a = try kit("a", by: "one", Market.bundle("ro", 3), size: 300)
    let b = try kit("b", by: "two", Market.bundle("so", 5), size: 500)
    let both = try merge(KitMerge.Part(a), KitMerge.Part(b))
    #expect(both.bundles.map(\.tag) == ["ro", "en", "so"])
    #expect(both.claimedSigners(of: try #require(both.bundle("en"))).map(\.key) == [one.id])
    #expect(both.manifest.operatorLanguage == "en")
    #expect(both.manifest.finder == KitFinder(languages: ["ro", "so"], pause: 3000))
    #expect(both.manifest.sequences.map(\.id) == ["start", "only-a", "only-b"])
    #expect(both.manifest.sequences[0].title == "a")
    #expect(try KitMerge([KitMerge.Part(a), KitMerge.Part(b)]).notes.count == 2)
    // Without the voice there is no language that the device speaks.
    let mute = try merge(KitMerge.Part(a, languages: ["ro"]), KitMerge.Part(b, languages: ["so"]))
    #expect(mute.manifest.operatorLanguage == nil)
    let second = try merge(KitMerge.Part(a, languages: ["ro"]), KitMerge.Part(b))
    #expect(second.claimedSigners(of: try #require(second.bundle("en"))).map(\.key) == [two.id])
  }

  @Test("one bundle in two kits is taken once, with the signatures of both publishers")
  func twice() throws {
    let a = try market.kit("a", by: "one", [Market.bundle("ro", 3)])
    let b = try market.kit("b", by: "two", [Market.bundle("ro", 3), Market.bundle("so", 5)])
    let kit = try merge(KitMerge.Part(a), KitMerge.Part(b))
    #expect(kit.bundles.map(\.tag) == ["ro", "so"])
    let romanian = try #require(kit.bundle("ro"))
    #expect(kit.claimedSigners(of: romanian).map(\.key) == [one.id, two.id])
    #expect(try kit.verifyAll(trustedBy: TrustedKeys([mine, two])).faults == [])
    #expect(try KitMerge([KitMerge.Part(a), KitMerge.Part(b)]).notes.contains { $0.contains("ro is the same as in") })
  }

  @Test("duplicate languages and numbers, and different numbers, answers and sources, are all reported")
  func allConflicts() throws {
    let a = try market.kit("a", by: "one", [Market.bundle("ro", 3), Market.bundle("bg", 4)])
    let b = try market.kit("b", by: "two", [Market.bundle("ro", 3, size: 500), Market.bundle("so", 4)]) {
      $0.source = "fr"
      $0.prompts = [Sample.prompt(3, "safe-here"), Sample.prompt(4, "other"), Sample.prompt(9, "interpreter-coming")]
      $0.prompts[0].answer = .yesNo
    }
    let lines = conflicts(KitMerge.Part(a), KitMerge.Part(b))
    for expected in [
      "ro is in \(a.path) too, and not the same", "such as \(b.path):so", "so has the number 4, which is that of bg",
      "safe-here asks for another answer", "prompt 4 is other, in a kit before it interpreter-coming",
      "interpreter-coming has the number 9, in a kit before it 4", "its prompts are written in fr",
    ] {
      #expect(lines.contains { $0.contains(expected) }, "\(expected) in \(lines)")
    }
    #expect(lines.count == 6)
  }

  @Test("texts for the responder may differ: the first kit's are used, with a note; contacts are merged")
  func notes() throws {
    let (near, far) = (
      KitContact(kind: .interpreter, name: "near", phone: "1", note: ""),
      KitContact(kind: .shelter, name: "far", phone: "2", note: "")
    )
    let french = OperatorTexts(
      tag: "fr", autonym: "français", script: "Latn", direction: .ltr,
      prompts: ["safe-here": .init(title: "À l'abri", caution: "")], languages: ["ro": "roumain"])
    let a = try market.kit("a", by: "one", [Market.bundle("ro", 3)]) {
      ($0.contacts, $0.operators) = ([near], [french])
    }
    let b = try market.kit("b", by: "two", [Market.bundle("so", 5)]) {
      $0.contacts = [near, far]
      $0.operators = [french]
      $0.operators[0].languages = ["so": "somali"]
      $0.prompts[0].title = "Other"
      $0.prompts[1].text = "Somebody comes."
    }
    let merge = try KitMerge([KitMerge.Part(a), KitMerge.Part(b)])
    #expect(merge.notes.count == 2)
    #expect(merge.manifest.prompts == a.manifest.prompts)
    #expect(merge.manifest.contacts == [near, far])
    #expect(merge.manifest.operators.map(\.languages) == [["ro": "roumain", "so": "somali"]])
  }

  @Test("with a damaged part, nothing is written and the existing file stays")
  func damaged() throws {
    let a = try market.kit("a", by: "one", [Market.bundle("ro", 3)])
    var bytes = try Files.read(a.path)
    let content = Sample.noise(300, seed: 303)
    let start = try #require(bytes.firstRange(of: content)).lowerBound
    bytes[start] ^= 1
    let damaged = market.directory.file("damaged.kit")
    try Files.replace(damaged, with: bytes)
    let path = try market.directory.write("merged.kit", "precious")
    let merge = try KitMerge([KitMerge.Part(try KitFile(path: damaged))])
    #expect(throws: KitError.self) {
      try merge.write(name: "m", version: "1", signedBy: try market.key("mine"), to: path)
    }
    #expect(try Files.read(path) == Array("precious".utf8))
  }
}

@Suite("A kit is signed by a second publisher")
struct CountersignTests {
  @Test("either key is then enough, and signing again changes no byte")
  func second() throws {
    let market = try Market()
    let (one, two) = (try market.publisher("one"), try market.publisher("two"))
    let kit = try market.kit("a", by: "one", [Market.bundle("ro", 3), Market.bundle("bg", 4)])
    let path = market.directory.file("both.kit")
    #expect(try Countersign.write(kit, signedBy: try market.key("two"), to: path) == .signed(documents: 3))
    let both = try KitFile(path: path)
    for trusted in [[one], [two], [one, two]] {
      #expect(try both.verifyAll(trustedBy: TrustedKeys(trusted)).faults == [])
    }
    #expect(both.sha256 == kit.sha256)
    let archive = try Archive(path: path)
    #expect(archive["kit.json.\(two.id).minisig"] != nil)
    #expect(archive["languages/ro/bundle.json.\(two.id).minisig"] != nil)

    let bytes = try Files.read(path)
    #expect(try Countersign.write(both, signedBy: try market.key("two"), to: path) == .unchanged)
    #expect(try Files.read(path) == bytes)
    let copy = market.directory.file("copy.kit")
    #expect(try Countersign.write(both, signedBy: try market.key("one"), to: copy) == .unchanged)
    #expect(try Files.read(copy) == bytes)
  }

  @Test("a kit with a damaged clip is not signed")
  func damaged() throws {
    let market = try Market()
    _ = try market.publisher("one")
    let kit = try market.kit("a", by: "one", [Market.bundle("ro", 3)])
    var bytes = try Files.read(kit.path)
    let start = try #require(bytes.firstRange(of: Sample.noise(300, seed: 303))).lowerBound
    bytes[start + 9] ^= 1
    try Files.replace(kit.path, with: bytes)
    _ = try market.publisher("two")
    #expect(throws: KitError.self) {
      _ = try Countersign.write(try KitFile(path: kit.path), signedBy: try market.key("two"), to: kit.path)
    }
    #expect(try Files.read(kit.path) == bytes)
  }
}
