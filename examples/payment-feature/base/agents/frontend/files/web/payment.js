export async function pay(orderId, amountCents) {
  const body = JSON.stringify({ order_id: orderId, amount_cents: amountCents });
  const answer = await fetch("/payments", { method: "POST", body });
  return answer.json();
}
