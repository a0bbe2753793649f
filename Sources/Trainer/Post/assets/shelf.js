// What a page keeps in this browser. All pages that are opened as files share one database, so each entry's key begins
// with its page.

const shelves = ["takes", "facts", "keys"]

/** The entries of one page. */
export class Shelf {
  /** Opens the database; throws where the browser keeps nothing, as some private windows do. */
  static async open(page) {
    const shelf = new Shelf()
    shelf.page = page
    shelf.database = await new Promise((done, failed) => {
      const request = indexedDB.open("firstword-post", 1)
      request.onupgradeneeded = () => shelves.forEach((name) => request.result.createObjectStore(name))
      request.onsuccess = () => done(request.result)
      request.onerror = () => failed(request.error)
    })
    return shelf
  }

  async use(name, mode, act) {
    const transaction = this.database.transaction(name, mode)
    const request = act(transaction.objectStore(name))
    return new Promise((done, failed) => {
      transaction.oncomplete = () => done(request?.result)
      transaction.onerror = transaction.onabort = () => failed(transaction.error)
    })
  }

  place(key) {
    return `${this.page}/${key}`
  }

  /** Returns an entry of `takes` or `facts`; undefined if there is none. */
  get(name, key) {
    return this.use(name, "readonly", (store) => store.get(this.place(key)))
  }

  /** Keeps an entry. It is on the disk when this returns, as far as a browser promises it. */
  put(name, key, value) {
    return this.use(name, "readwrite", (store) => store.put(value, this.place(key)))
  }

  remove(name, key) {
    return this.use(name, "readwrite", (store) => store.delete(this.place(key)))
  }

  /** Returns the keys of this page's entries that begin with `prefix`. */
  async keys(name, prefix = "") {
    const begin = this.place(prefix)
    const all = await this.use(name, "readonly", (store) => store.getAllKeys(this.range(begin)))
    return all.map((key) => key.slice(this.page.length + 1))
  }

  range(begin) {
    return IDBKeyRange.bound(begin, begin + "\uffff")
  }

  /** Returns the key pair of this browser, which all pages share; makes one at first. */
  async pair(make) {
    const kept = await this.use("keys", "readonly", (store) => store.get("own"))
    if (kept) return kept
    const pair = await make()
    // Another tab may have been faster.
    return this.use("keys", "readwrite", (store) => store.get("own")).then(async (other) => {
      if (other) return other
      await this.use("keys", "readwrite", (store) => store.put(pair, "own"))
      return pair
    })
  }

  /** Removes all entries of this page, and the key pair where no other page has entries. */
  async clear() {
    for (const name of ["takes", "facts"]) {
      await this.use(name, "readwrite", (store) => store.delete(this.range(this.place(""))))
    }
    const counts = await Promise.all(["takes", "facts"].map((name) =>
      this.use(name, "readonly", (store) => store.count())))
    if (counts.every((count) => count === 0)) await this.use("keys", "readwrite", (store) => store.clear())
  }
}
