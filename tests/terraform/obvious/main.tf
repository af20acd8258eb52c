# The obvious shape, which does not work: see examples/terraform/fleet.
variable "consumer_count" {
  type = number
}

module "consumer" {
  source = "./consumer"
  count  = var.consumer_count
  name   = "consumer-${count.index}"
}
