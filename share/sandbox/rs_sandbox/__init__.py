"""A local AWS for trying the tools and for their tests: a test double.

redshift-serverless is answered here, ELBv2 targets get a life of their own,
and every other service is moto's.  Nothing in this package is meant to be
reached from another machine.
"""

ACCOUNT = "123456789012"
REGION = "us-west-2"
ACCESS_KEY = "AKIASANDBOX000000001"
SECRET_KEY = "sandbox/test/double/not/a/secret/key0001"
