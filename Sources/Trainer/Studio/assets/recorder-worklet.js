// Runs in the audio thread. Hands over blocks of samples with the number of their first frame, and marks a hole in the
// numbers: a block that follows audio that was lost. A message asks for the block that is being filled.
registerProcessor("recorder", class extends AudioWorkletProcessor {
  constructor() {
    super()
    this.begin(false)
    this.next = -1
    this.port.onmessage = () => this.send(true)
  }

  begin(isTorn) {
    this.block = new Float32Array(1024)
    this.count = 0
    this.isTorn = isTorn
  }

  send(isLast) {
    const samples = this.count === this.block.length ? this.block : this.block.slice(0, this.count)
    this.port.postMessage({ first: this.first, samples, isTorn: this.isTorn, isLast }, [samples.buffer])
    this.begin(false)
  }

  process([input]) {
    const samples = input[0]
    if (!samples) return true // its frames are missing from the next block on
    if (this.next >= 0 && currentFrame !== this.next) {
      if (this.count > 0) this.send(false)
      this.begin(true)
    }
    this.next = currentFrame + samples.length
    for (let at = 0; at < samples.length;) {
      if (this.count === 0) this.first = currentFrame + at
      const part = samples.subarray(at, at + this.block.length - this.count)
      this.block.set(part, this.count)
      this.count += part.length
      at += part.length
      if (this.count === this.block.length) this.send(false)
    }
    return true
  }
})
