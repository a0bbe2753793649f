import Posix
import Synchronization
import Testing

@Suite("Workers")
struct WorkersTests {
  @Test("return the results in order, each once", arguments: [1, 2, 7, 100])
  func order(threads: Int) {
    let calls = Atomic(0)
    let results = Workers.map(50, threads: threads) { index in
      calls.add(1, ordering: .relaxed)
      return index * index
    }
    #expect(results == (0..<50).map { $0 * $0 })
    #expect(calls.load(ordering: .relaxed) == 50)
    #expect(Workers.map(0, threads: threads) { $0 } == [])
  }

  @Test("begin no piece after they are cancelled")
  func cancelled() {
    let cancellation = Cancellation()
    let calls = Atomic(0)
    let results = Workers.map(50, threads: 1, until: cancellation, done: { if $0 == 3 { cancellation.cancel() } }) {
      calls.add(1, ordering: .relaxed)
      return $0
    }
    #expect(results == [0, 1, 2] && calls.load(ordering: .relaxed) == 3)
    #expect(Workers.map(5, threads: 4, until: cancellation) { $0 } == [])
  }
}
