import Kit
import Posix
import Testing

@testable import Store

@Suite("Lists that wait in a spool")
struct SpoolOrderTests {
  private let bench: StoreBench
  private let spool: Spool
  private var store: Store { bench.store }

  init() throws {
    bench = try StoreBench()
    spool = try bench.spool()
    try store.install(try bench.kit("1.0"))
  }

  @Test("are applied in the order in which all of them hold, whatever their names")
  func order() throws {
    let (one, two, three) = (try bench.key("a"), try bench.key("b"), try bench.key("c"))
    let items = [
      SpoolOrder.Item(name: "kits of three", signer: three.publicKey.id),
      SpoolOrder.Item(name: "two to three", signer: two.publicKey.id, successor: three.publicKey.id),
      SpoolOrder.Item(name: "of a stranger", signer: bench.publisher.publicKey.id),
      SpoolOrder.Item(name: "one to two", signer: one.publicKey.id, successor: two.publicKey.id),
      SpoolOrder.Item(name: "of one", signer: one.publicKey.id), SpoolOrder.Item(name: "of nobody"),
    ]
    for shift in items.indices {
      let names = SpoolOrder.names(of: Array(items[shift...] + items[..<shift]), trusted: [one.publicKey.id])
      #expect(names.prefix(4) == ["of one", "one to two", "two to three", "kits of three"], "\(names)")
      #expect(names.count == items.count)
    }
  }

  @Test("a rotation neither silences the list of the key that it retires, nor comes after that of the new key")
  func together() throws {
    let successor = try bench.key("successor")
    let clip = String(repeating: "ab", count: 32)
    // Names in the spool are random: some rounds try several orders.
    let items = [
      try spool.submit(try bench.recalls([.clip: clip], by: successor, name: "new.json"), as: .list),
      try spool.submit(try bench.rotation(from: bench.publisher, to: successor), as: .list),
      try spool.submit(try bench.recalls([.clip: clip], by: bench.publisher, name: "old.json"), as: .list),
    ]
    try spool.apply(to: store) { _ in }
    let results = try spool.results()
    for item in items { #expect(results.last { $0.item == item }?.outcome == .done, "\(results)") }
    #expect(try store.state().recalls.count == 2)
  }
}
