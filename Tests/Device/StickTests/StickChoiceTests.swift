import Encoding
import Foundation
import Kit
import Testing

@testable import Stick
@testable import Store

/// Which kit of a stick is installed.
@Suite("The kit of a stick")
struct StickChoiceTests {
  private func entry(_ name: String, _ version: String, content: String = "") throws -> StoreState.Installed {
    let sha = Digest.sha256("\(name) \(version) \(content)")
    return try JSONDecoder().decode(
      StoreState.Installed.self,
      from: Data(
        #"{"file":"\#(name)-\#(version)-\#(sha.prefix(16)).kit","name":"\#(name)","version":"\#(version)","sha256":"\#(sha)","draft":false}"#
          .utf8))
  }

  private func item(_ name: String) -> StickListing.Item { .init(folder: nil, name: name, kind: .kit) }

  private func candidate(_ entry: StoreState.Installed) -> StickChoice.Candidate {
    var candidate = StickChoice.Candidate(item("\(entry.name)-\(entry.version).kit"), .draft(path: ""))
    candidate.admission = .success(entry)
    return candidate
  }

  /// A store that plays a kit.
  private func state(_ active: StoreState.Installed?) -> StoreState {
    var state = StoreState()
    if let active {
      state.kits = [active]
      state.activate(active.file)
    }
    return state
  }

  private let refusal = StoreError.draft(path: "a.kit")

  @Test("the newest that the store accepts is installed, and those that it refuses are passed over")
  func newest() throws {
    let kits = [
      try entry("shelter", "1.9"), try entry("shelter", "1.10"), try entry("shelter", "1.10-rc.1"),
    ].map { candidate($0) }
    let refused = StickChoice.Candidate(item("shelter-9.kit"), refusal)
    let choice = StickChoice(kits + [refused], state(try entry("shelter", "1.8")))
    #expect(choice == .install(item("shelter-1.10.kit")))
    #expect(StickChoice(kits, state(nil)) == .install(item("shelter-1.10.kit")))
  }

  @Test("the active kit is there already, also twice")
  func present() throws {
    let kit = try entry("shelter", "1.0")
    #expect(StickChoice([candidate(kit)], state(kit)) == .present("shelter 1.0"))
    #expect(StickChoice([candidate(kit), candidate(kit)], state(kit)) == .present("shelter 1.0"))
    let other = try entry("shelter", "1.0", content: "swapped")
    #expect(StickChoice([candidate(other)], state(kit)) == .install(item("shelter-1.0.kit")))
  }

  @Test("an update of the active kit comes before kits of other names")
  func sameName() throws {
    let kits = [candidate(try entry("police", "7.0")), candidate(try entry("shelter", "1.1"))]
    #expect(StickChoice(kits, state(try entry("shelter", "1.0"))) == .install(item("shelter-1.1.kit")))
    #expect(StickChoice([kits[0]], state(try entry("shelter", "1.0"))) == .install(item("police-7.0.kit")))
  }

  @Test("kits of several names, and two contents of one version, are not guessed among")
  func ambiguous() throws {
    let kits = [candidate(try entry("police", "7.0")), candidate(try entry("shelter", "1.1"))]
    #expect(StickChoice(kits, state(nil)) == .ambiguous(["police 7.0", "shelter 1.1"]))
    #expect(StickChoice(kits, state(try entry("border", "1.0"))) == .ambiguous(["police 7.0", "shelter 1.1"]))
    let twins = [candidate(try entry("shelter", "1.1")), candidate(try entry("shelter", "1.1", content: "other"))]
    #expect(StickChoice(twins, state(try entry("shelter", "1.0"))) == .ambiguous(["shelter 1.1"]))
  }

  @Test("without a kit nothing is chosen, and where every kit is refused each reason is known")
  func none() {
    #expect(StickChoice([], state(nil)) == .none)
    let refused = StickChoice.Candidate(item("a.kit"), refusal)
    #expect(StickChoice([refused, refused], state(nil)) == .refused([refusal, refusal]))
  }

  @Test("a recall list and a rotation that were applied are known, and others are not")
  func known() throws {
    var list = RecallList()
    _ = try list.add(Recall(kind: .kit, id: Digest.sha256("a"), reason: "swapped", date: "2026-05-01"))
    let bytes = try list.json()
    var state = StoreState()
    #expect(!StickChoice.isKnown(bytes, to: state))
    state.recalls["signer"] = list
    #expect(StickChoice.isKnown(bytes, to: state))
    _ = try list.add(Recall(kind: .kit, id: Digest.sha256("b"), reason: "swapped", date: "2026-05-01"))
    #expect(!StickChoice.isKnown(try list.json(), to: state))
    for text in ["", "{}", "[", "{\"format\":\"firstword-recall/1\"}", "{\"format\":\"other\"}"] {
      #expect(!StickChoice.isKnown(Array(text.utf8), to: state))
    }
  }
}
